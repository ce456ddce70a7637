import { useEffect, useRef } from 'preact/hooks';
import { createStore } from '../store';
import { shortcutOf } from './shortcut';

const STORED = 'console.shortcuts';

/** Whether single keys do something. Who dictates to the computer, or uses a switch, needs them off. */
export const shortcuts = createStore(true);

type Handler = (key: string) => void;

const handlers = new Map<string, Handler[]>();

export function listenToKeys(): void {
  shortcuts.set(localStorage.getItem(STORED) !== 'off');
  shortcuts.subscribe(() => localStorage.setItem(STORED, shortcuts.get() ? 'on' : 'off'));
  addEventListener('keydown', (event) => {
    if (!shortcuts.get() || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    const type = target.getAttribute('type') ?? undefined;
    const key = shortcutOf(event, { tag: target.tagName, type, isEditable: target.isContentEditable });
    const handler = key === undefined ? undefined : handlers.get(key)?.at(-1);
    if (!handler) return;
    event.preventDefault();
    handler(key!);
  });
}

/** Has keys do something for as long as the component is there. */
export function useShortcut(keys: readonly string[], handler: Handler, isOn = true): void {
  const latest = useRef(handler);
  latest.current = handler;
  const joined = keys.join(' ');
  useEffect(() => {
    if (!isOn) return undefined;
    const call: Handler = (key) => latest.current(key);
    const names = joined.split(' ').filter((name) => name !== '');
    for (const name of names) handlers.set(name, [...(handlers.get(name) ?? []), call]);
    return () => {
      for (const name of names)
        handlers.set(
          name,
          (handlers.get(name) ?? []).filter((other) => other !== call),
        );
    };
  }, [joined, isOn]);
}
