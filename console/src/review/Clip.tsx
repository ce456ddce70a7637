import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { wordsOf } from '../api/problem';
import type { ClipAnswer } from '../api/types';
import { serverNow } from '../clock';
import { useNow } from '../ui/use-now';
import { services } from '../services';
import { countdownOf, fromLocalInput, localInput } from '../ui/format';
import { Icon } from '../ui/icons';
import { isoOf, pathOf } from './recording';
import { LONGEST_CLIP, clipAround, refusalOf, type Span } from './window';

export interface ClipProps {
  readonly device: string;
  readonly camera?: string;
  readonly window: Span;
  readonly moment: number | undefined;
  readonly span: Span | undefined;
  readonly onSpan: (span: Span | undefined) => void;
}

/** A file of a part of what is shown, to keep or to hand on. */
export function Clip({ device, camera, window, moment, span, onSpan }: ClipProps): JSX.Element {
  const [made, setMade] = useState<ClipAnswer & { name: string }>();
  const [problem, setProblem] = useState<string>();
  const [isMaking, setMaking] = useState(false);

  async function make(event: Event): Promise<void> {
    event.preventDefault();
    setMade(undefined);
    const why = refusalOf(span!, serverNow(), LONGEST_CLIP);
    setProblem(why);
    if (why !== undefined) return;
    setMaking(true);
    try {
      const body = { ...isoOf(span!), ...(camera === undefined ? {} : { camera }) };
      const answer = await services.api.post<ClipAnswer>(pathOf(device, 'clip'), body);
      setMade({ ...answer, name: `${device}-${localInput(span!.from).replace(/:/g, '')}.mp4` });
    } catch (error) {
      setProblem(wordsOf(error));
    }
    setMaking(false);
  }

  if (!span) {
    return (
      <button type="button" onClick={() => onSpan(clipAround(moment ?? window.from, window))}>
        <Icon name="download" />
        Export a clip
      </button>
    );
  }
  return (
    <form class="clip" onSubmit={(event) => void make(event)} aria-label="Export a clip">
      {(['from', 'to'] as const).map((name) => (
        <label key={name} class="moment">
          {name === 'from' ? 'Clip from' : 'Clip to'}
          <input
            type="datetime-local"
            step="1"
            required
            value={localInput(span[name])}
            onInput={({ currentTarget: { value } }) => value && onSpan({ ...span, [name]: fromLocalInput(value) })}
          />
        </label>
      ))}
      <button type="submit" class="primary" disabled={isMaking}>
        {isMaking ? 'Making the file …' : 'Make the file'}
      </button>
      <button type="button" class="quiet" onClick={() => onSpan(undefined)}>
        Cancel
      </button>
      {problem && (
        <p class="note bad" role="alert">
          {problem}
        </p>
      )}
      {made && <Made {...made} />}
    </form>
  );
}

function Made({ url, name, expiresAt }: ClipAnswer & { name: string }): JSX.Element {
  const left = Date.parse(expiresAt) - useNow(1000);
  return (
    <p class="made" role="status">
      {left > 0 ? (
        <>
          <a href={url} download={name}>
            Download the clip
          </a>{' '}
          <span aria-hidden="true">The link is good for {countdownOf(left)}.</span>
        </>
      ) : (
        'The link is no longer good. Make the file again.'
      )}
    </p>
  );
}
