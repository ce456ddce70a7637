import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { serverNow } from '../clock';
import { fromLocalInput, localInput } from '../ui/format';
import { PRESETS, refusalOf, type Span } from './window';

export function WindowForm({ window, onWindow }: { window: Span; onWindow: (next: Span) => void }): JSX.Element {
  const [texts, setTexts] = useState({ from: localInput(window.from), to: localInput(window.to) });
  const [refusal, setRefusal] = useState<string>();

  function show(next: Span): void {
    setTexts({ from: localInput(next.from), to: localInput(next.to) });
    setRefusal(undefined);
    onWindow(next);
  }

  function submit(event: Event): void {
    event.preventDefault();
    const now = serverNow();
    const from = fromLocalInput(texts.from);
    const to = Math.min(fromLocalInput(texts.to), now);
    const why = refusalOf({ from, to }, now);
    setRefusal(why);
    if (why === undefined) onWindow({ from, to });
  }

  return (
    <form class="window" onSubmit={submit} aria-label="What to show">
      <div class="presets" role="group" aria-label="The last">
        {PRESETS.map(({ words, length }) => (
          <button
            key={words}
            type="button"
            class="chip"
            aria-pressed={Math.abs(window.to - window.from - length) < 1000}
            onClick={() => show({ from: serverNow() - length, to: serverNow() })}
          >
            {words}
          </button>
        ))}
      </div>
      {(['from', 'to'] as const).map((name) => (
        <label key={name} class="moment">
          {name === 'from' ? 'From' : 'To'}
          <input
            type="datetime-local"
            step="1"
            required
            value={texts[name]}
            onInput={({ currentTarget: { value } }) => setTexts((now) => ({ ...now, [name]: value }))}
          />
        </label>
      ))}
      <button type="submit">Show</button>
      {refusal && (
        <p class="note bad" role="alert">
          {refusal}
        </p>
      )}
    </form>
  );
}
