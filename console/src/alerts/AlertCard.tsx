import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../api/problem';
import { useNow } from '../ui/use-now';
import { ageOf, dayAndClockOf, wordsFor } from '../ui/format';
import { Icon } from '../ui/icons';
import { hashOf } from '../ui/route';
import { acknowledgeAlert } from './alerts';
import { isOpen, type Alert } from './merge';

export interface AlertCardProps {
  readonly alert: Alert;
  readonly mayAcknowledge: boolean;
  readonly isAsked: boolean;
  readonly onAsk: (isAsked: boolean) => void;
}

const ICONS = { CRITICAL: 'critical', WARNING: 'warning', INFO: 'info' } as const;

export function AlertCard({ alert, mayAcknowledge, isAsked, onAsk }: AlertCardProps): JSX.Element {
  const { id, device, camera, severity, isConfirmed, capturedAt, confidence, value, acknowledgement } = alert;
  const now = useNow(1000);
  const kind = (severity ?? 'unconfirmed').toLowerCase();
  const state = isOpen(alert) ? 'open' : isConfirmed ? 'done' : 'pending';
  return (
    <li class={`alert ${kind} ${state}`} data-alert-id={id} data-confirmed={isConfirmed}>
      <div class="alert-head">
        <span class="severity">
          <Icon name={severity ? ICONS[severity] : 'unknown'} />
          {severity ?? 'SEEN'}
        </span>
        {!isConfirmed && <span class="pending-mark">Not confirmed yet</span>}
        <time dateTime={new Date(capturedAt).toISOString()} title={dayAndClockOf(capturedAt)}>
          {ageOf(now - capturedAt)}
        </time>
      </div>
      <p class="alert-what">{wordsFor(alert.obstacle ?? alert.label)}</p>
      <p class="alert-where">
        <a href={hashOf({ device, view: 'live' })}>{device}</a>
        {camera && <span>{camera}</span>}
        <span>{Math.round(confidence)} % sure</span>
        {value !== undefined && <span>Value {value}</span>}
      </p>
      {acknowledgement && (
        <p class="alert-done">
          <Icon name="check" />
          <span>
            Acknowledged{acknowledgement.acknowledgedBy && ` by ${acknowledgement.acknowledgedBy}`}
            {acknowledgement.note && <q>{acknowledgement.note}</q>}
          </span>
        </p>
      )}
      {mayAcknowledge && state === 'open' && !isAsked && (
        <button type="button" class="acknowledge" onClick={() => onAsk(true)}>
          Acknowledge
          <span class="unseen">
            {' '}
            {wordsFor(alert.obstacle ?? alert.label)}, {device}
          </span>
        </button>
      )}
      {state === 'open' && isAsked && <Acknowledge alert={alert} onDone={() => onAsk(false)} />}
    </li>
  );
}

function Acknowledge({ alert, onDone }: { alert: Alert; onDone: () => void }): JSX.Element {
  const [note, setNote] = useState('');
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current!.focus(), []);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setSending(true);
    try {
      await acknowledgeAlert(alert, note);
      onDone();
    } catch (error) {
      setProblem(wordsOf(error));
      setSending(false);
    }
  }

  return (
    <form
      class="acknowledging"
      onSubmit={(event) => void send(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onDone();
      }}
    >
      <label>
        Note, if there is something to say
        <input
          ref={input}
          type="text"
          maxLength={500}
          autocomplete="off"
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </label>
      {problem && (
        <p class="note bad" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="button" class="quiet" onClick={onDone}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={isSending}>
          Confirm
        </button>
      </div>
    </form>
  );
}
