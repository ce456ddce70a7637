import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { devices } from '../devices/devices';
import { services } from '../services';
import { session } from '../session/session';
import { useRoles } from '../session/use-roles';
import { useStore } from '../store';
import { wordsFor } from '../ui/format';
import { Icon } from '../ui/icons';
import { useShortcut } from '../ui/keys';
import { sendCommand } from './commands';
import { control, takeControl } from './control';
import { ForceDialog } from './ForceDialog';
import { SentList } from './SentList';

export function ControlPanel({ device }: { device: string }): JSX.Element | null {
  const now = useStore(control);
  const holder = useStore(devices, ({ byName }) => byName.get(device)?.control?.holder);
  const sub = useStore(session, (who) => (who.state === 'signedIn' ? who.sub : undefined));
  const mayControl = useRoles('control');
  const mayForce = useRoles('force');
  const [isAsking, setAsking] = useState(false);
  const isHere = now.device === device;
  const isHeld = now.state === 'held' && isHere;
  const isOther = !isHeld && ((holder !== undefined && holder !== sub) || (isHere && now.isHeldByOther === true));
  useShortcut(['t'], () => void takeControl(device), mayControl && !isHeld);
  if (!mayControl) return null;

  return (
    <section class={`control-panel${isHeld ? ' held' : ''}`} aria-label={`Control of ${device}`}>
      {isHeld ? (
        <Commands device={device} />
      ) : (
        <div class="take">
          <button
            type="button"
            class="primary"
            disabled={isHere && (now.state === 'taking' || now.state === 'releasing')}
            onClick={() => void takeControl(device)}
          >
            <Icon name="control" />
            Take control <kbd>T</kbd>
          </button>
          {isOther && mayForce && (
            <button type="button" class="danger" onClick={() => setAsking(true)}>
              Take by force
            </button>
          )}
          <p class={`take-words${isHere && now.words && now.state === 'free' ? ' bad' : ''}`} role="status">
            {isHere && now.state === 'taking' && 'Asking for control …'}
            {isHere && now.state === 'releasing' && 'Giving control back …'}
            {isHere && now.state === 'free' && now.words}
            {!(
              isHere &&
              (now.state === 'taking' || now.state === 'releasing' || (now.state === 'free' && now.words))
            ) && (isOther ? 'Another pilot is in control.' : 'Nobody is in control.')}
          </p>
        </div>
      )}
      {isAsking && (
        <ForceDialog
          device={device}
          onClose={() => setAsking(false)}
          onForce={() => {
            setAsking(false);
            void takeControl(device, 'force');
          }}
        />
      )}
      <SentList device={device} />
    </section>
  );
}

function Commands({ device }: { device: string }): JSX.Element {
  const commands = services.config.control?.commands ?? [];
  const keys = commands.slice(0, 9).map((_, index) => String(index + 1));
  useShortcut(keys, (key) => void sendCommand(commands[Number(key) - 1]));
  if (commands.length === 0) return <p class="note">No commands are set up for this fleet.</p>;
  return (
    <div class="commands" role="group" aria-label={`Commands to ${device}`}>
      {commands.map((name, index) => (
        <button key={name} type="button" class="command" onClick={() => void sendCommand(name)}>
          {wordsFor(name)}
          {index < 9 && <kbd>{index + 1}</kbd>}
        </button>
      ))}
    </div>
  );
}
