import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { services } from '../services';
import { useRoles } from '../session/use-roles';
import { useStore } from '../store';
import { useShortcut } from '../ui/keys';
import { route } from '../ui/route';
import { AlertCard } from './AlertCard';
import { alerts, openAlertsOf } from './alerts';
import { isOpen, type Alert } from './merge';

const SHOWN = 60;

type Choice = 'open' | 'all';

export function AlertsPanel(): JSX.Element {
  const { list, problem } = useStore(alerts);
  const device = useStore(route, (now) => now.device);
  const mayAcknowledge = useRoles('acknowledge');
  const [choice, setChoice] = useState<Choice>('all');
  const [isHereOnly, setHereOnly] = useState(false);
  const [asked, setAsked] = useState<string>();
  const only = isHereOnly ? device : undefined;

  const wanted = list.filter((alert) => only === undefined || alert.device === only);
  const shown = wanted.filter((alert) => choice === 'all' || !alert.isConfirmed || isOpen(alert)).slice(0, SHOWN);
  const newest = wanted.find(isOpen);
  useShortcut(['a'], () => setAsked(newest?.key), mayAcknowledge && newest !== undefined);

  return (
    <section class="panel alerts" aria-labelledby="alerts-title">
      <header class="panel-head">
        <h2 id="alerts-title">Alerts</h2>
        <span class="count">{openAlertsOf({ list, classes: new Map() }, only)} open</span>
      </header>
      <div class="filters" role="group" aria-label="Which alerts">
        <Toggle
          isOn={choice === 'open'}
          onClick={() => setChoice(choice === 'open' ? 'all' : 'open')}
          words="Open only"
        />
        {device !== undefined && (
          <Toggle isOn={isHereOnly} onClick={() => setHereOnly(!isHereOnly)} words={`${device} only`} />
        )}
      </div>
      {problem && (
        <p class="note bad" role="alert">
          {problem}
        </p>
      )}
      <ol class="alert-list">
        {shown.map((alert: Alert) => (
          <AlertCard
            key={alert.key}
            alert={alert}
            mayAcknowledge={mayAcknowledge && services.config.alerts}
            isAsked={asked === alert.key}
            onAsk={(isAsked) => setAsked(isAsked ? alert.key : undefined)}
          />
        ))}
      </ol>
      {shown.length === 0 && <p class="note">No alerts in the last 3 hours.</p>}
    </section>
  );
}

function Toggle({ isOn, words, onClick }: { isOn: boolean; words: string; onClick: () => void }): JSX.Element {
  return (
    <button type="button" class="chip" aria-pressed={isOn} onClick={onClick}>
      {words}
    </button>
  );
}
