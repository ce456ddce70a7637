import type { JSX } from 'preact';
import { Dialog } from '../ui/Dialog';

export function ForceDialog(props: { device: string; onClose: () => void; onForce: () => void }): JSX.Element {
  return (
    <Dialog id="force" title={`Take ${props.device} from another pilot?`} onClose={props.onClose}>
      <p>The pilot who is in control loses it at once, in the middle of whatever is going on, and is told so.</p>
      <div class="actions">
        <button type="button" class="quiet" onClick={props.onClose}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={props.onForce}>
          Yes, take control
        </button>
      </div>
    </Dialog>
  );
}
