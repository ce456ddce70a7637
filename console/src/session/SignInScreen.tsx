import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { services } from '../services';
import { Icon } from '../ui/icons';

export function SignInScreen({ reason }: { reason?: string }): JSX.Element {
  const [isLeaving, setLeaving] = useState(false);

  async function leave(): Promise<void> {
    setLeaving(true);
    await services.signIn.signIn();
    setLeaving(false);
  }

  return (
    <main class="gate">
      <div class="gate-card">
        <span class="gate-mark">
          <Icon name="device" />
        </span>
        <h1>{services.config.fleetName}</h1>
        <p class="gate-lead">Pilot console</p>
        {reason && (
          <p class="note" role="status">
            {reason}
          </p>
        )}
        <button type="button" class="primary wide" disabled={isLeaving} onClick={() => void leave()}>
          Sign in
        </button>
        <p class="gate-small">You sign in with your organization’s account.</p>
      </div>
    </main>
  );
}

export function Starting(): JSX.Element {
  return (
    <main class="gate">
      <p class="gate-lead" role="status">
        Starting …
      </p>
    </main>
  );
}

export function Failure({ words }: { words: string }): JSX.Element {
  return (
    <main class="gate">
      <div class="gate-card">
        <h1>The console can’t start</h1>
        <p class="note bad" role="alert">
          {words}
        </p>
        <button type="button" class="primary wide" onClick={() => location.reload()}>
          Try again
        </button>
      </div>
    </main>
  );
}
