import type { JSX } from 'preact';
import { useStore } from '../store';
import { Dialog } from './Dialog';
import { shortcuts } from './keys';

const KEYS = [
  ['T', 'Take control of the device that is open'],
  ['Esc', 'Give control back'],
  ['1 to 9', 'Send the command of that number while in control'],
  ['A', 'Acknowledge the newest open alert'],
  ['← →', 'Five seconds back or on, in a recording'],
  ['?', 'This help'],
] as const;

export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  const isOn = useStore(shortcuts);
  return (
    <Dialog id="help" title="Help" onClose={onClose}>
      <h3>Keys</h3>
      <table class="keys">
        <tbody>
          {KEYS.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label class="check">
        <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => shortcuts.set(currentTarget.checked)} />
        Keys are on
      </label>
      <h3>What the words mean</h3>
      <dl class="words">
        <dt>Sending, silent</dt>
        <dd>Whether video of the device was stored in the last 30 seconds.</dd>
        <dt>Not confirmed yet</dt>
        <dd>The device says so by itself. It becomes an alert, or goes after a minute.</dd>
        <dt>In control</dt>
        <dd>One pilot at a time. Control ends by itself if this page is closed or loses its connection.</dd>
      </dl>
      <div class="actions">
        <button type="button" class="primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
