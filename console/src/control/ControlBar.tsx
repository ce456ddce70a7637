import type { JSX } from 'preact';
import { useNow } from '../ui/use-now';
import { useStore } from '../store';
import { countdownOf } from '../ui/format';
import { Icon } from '../ui/icons';
import { useShortcut } from '../ui/keys';
import { go, route } from '../ui/route';
import { control, dismissControl, releaseControl } from './control';

/** Over everything, so that nobody who is in control can miss it. */
export function ControlBar(): JSX.Element | null {
  const { state, device, until, words } = useStore(control);
  const isShown = useStore(route, (now) => now.device === device && now.view === 'live');
  useShortcut(['Escape'], () => void releaseControl(), state === 'held' || state === 'taking');
  if (state === 'held' || state === 'releasing') {
    return (
      <section class="control-bar held" aria-label="Control">
        <Icon name="control" />
        <p role="status">
          <strong>You are in control</strong> of {device}
        </p>
        {until !== undefined && <Left until={until} />}
        {!isShown && (
          <button type="button" class="quiet" onClick={() => go({ device, view: 'live' })}>
            Show live
          </button>
        )}
        <button type="button" class="solid" disabled={state === 'releasing'} onClick={() => void releaseControl()}>
          Release control <kbd>Esc</kbd>
        </button>
      </section>
    );
  }
  if (state !== 'lost') return null;
  return (
    <section class="control-bar lost" aria-label="Control">
      <Icon name="critical" />
      <p role="alert">{words}</p>
      <button type="button" class="solid" onClick={dismissControl}>
        Understood
      </button>
    </section>
  );
}

function Left({ until }: { until: number }): JSX.Element {
  const left = until - useNow(500);
  return (
    <span class={`left${left < 4000 ? ' short' : ''}`} title="Until control ends if no heartbeat comes through">
      {countdownOf(left)}
    </span>
  );
}
