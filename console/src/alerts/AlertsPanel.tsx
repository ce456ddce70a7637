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

export function AlertsPanel(): JSX.Element {
  const { list, problem } = useStore(alerts);
  const device = useStore(route, (now) => now.device);
  const mayAcknowledge = useRoles('acknowledge');
  const [isHereOnly, setHereOnly] = useState(false);
  const [asked, setAsked] = useState<string>();
  const only = isHereOnly ? device : undefined;

  const wanted = list.filter((alert) => only === undefined || alert.device === only);
  const current = wanted.filter(({ acknowledgement }) => !acknowledgement);
  const done = wanted.filter(({ acknowledgement }) => acknowledgement);
  const newest = wanted.find(isOpen);
  useShortcut(['a'], () => setAsked(newest?.key), mayAcknowledge && newest !== undefined);

  const card = (alert: Alert) => (
    <AlertCard
      key={alert.key}
      alert={alert}
      mayAcknowledge={mayAcknowledge && services.config.alerts}
      isAsked={asked === alert.key}
      onAsk={(isAsked) => setAsked(isAsked ? alert.key : undefined)}
    />
  );
  return (
    <section class="panel alerts" aria-labelledby="alerts-title">
      <header class="panel-head">
        <h2 id="alerts-title">Alerts</h2>
        <span class="count">{openAlertsOf({ list, classes: new Map() }, only)} open</span>
      </header>
      {device !== undefined && (
        <div class="filters">
          <button type="button" class="chip" aria-pressed={isHereOnly} onClick={() => setHereOnly(!isHereOnly)}>
            Only of {device}
          </button>
        </div>
      )}
      {problem && (
        <p class="note bad" role="alert">
          {problem}
        </p>
      )}
      <ol class="alert-list">{current.slice(0, SHOWN).map(card)}</ol>
      {current.length === 0 && <p class="note">No open alerts in the last 3 hours.</p>}
      {done.length > 0 && (
        <details class="done-alerts">
          <summary>Acknowledged ({done.length})</summary>
          <ol class="alert-list">{done.slice(0, SHOWN).map(card)}</ol>
        </details>
      )}
    </section>
  );
}
