import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface DialogProps {
  readonly id: string;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** In front of all else; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ id, title, onClose, children }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const dialog = element.current!;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  return (
    <dialog ref={element} aria-labelledby={`${id}-title`} onCancel={(event) => (event.preventDefault(), onClose())}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </dialog>
  );
}
