type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'>;

/** Where the key was pressed, by the name of the element and what it says of itself. */
export interface Place {
  readonly tag: string;
  readonly type?: string;
  readonly isEditable: boolean;
}

const TEXTS = ['INPUT', 'TEXTAREA', 'SELECT'];

/** @returns the shortcut, or nothing if the key is meant for something else */
export function shortcutOf(pressed: Pressed, place: Place): string | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.repeat) return undefined;
  if (place.isEditable) return undefined;
  if (TEXTS.includes(place.tag) && place.type !== 'checkbox') return undefined;
  return pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
}
