import type { JSX } from 'preact';
import { useStore } from '../store';
import { clockOf, wordsFor } from '../ui/format';
import { Icon, type IconName } from '../ui/icons';
import { sent } from './commands';
import type { Sent } from './outcome';

const WORDS: Record<Sent['state'], { words: string; icon: IconName }> = {
  sending: { words: 'Sending …', icon: 'link' },
  sent: { words: 'Sent, waiting for the device …', icon: 'link' },
  accepted: { words: 'Accepted', icon: 'check' },
  refused: { words: 'Refused', icon: 'warning' },
  silent: { words: 'No answer', icon: 'silent' },
  failed: { words: 'Not sent', icon: 'critical' },
};

/** What was commanded last, and what the device said. */
export function SentList({ device }: { device: string }): JSX.Element {
  const all = useStore(sent);
  return (
    <ol class="sent" aria-label="Commands sent" aria-live="polite">
      {all
        .filter((one) => one.device === device)
        .map(({ id, name, at, state, words }) => (
          <li key={id} class={state}>
            <Icon name={WORDS[state].icon} />
            <strong>{wordsFor(name)}</strong>
            <span>
              {WORDS[state].words}
              {words && `: ${words}`}
            </span>
            <time>{clockOf(at)}</time>
          </li>
        ))}
    </ol>
  );
}
