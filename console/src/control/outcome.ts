import type { CommandAnswer } from '../api/types';
import { wordsFor } from '../ui/format';

export interface Sent {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly at: number;
  readonly state: 'sending' | 'sent' | 'accepted' | 'refused' | 'silent' | 'failed';
  readonly words?: string;
}

const REASONS: Record<string, string> = {
  STALE_TOKEN: 'somebody else has taken control',
  EXPIRED: 'it came too late',
  UNSUPPORTED: 'the device doesn’t know it',
  UNABLE: 'not possible now',
};

export function outcomeOf({ acknowledgement }: Pick<CommandAnswer, 'acknowledgement'>): Pick<Sent, 'state' | 'words'> {
  if (!acknowledgement) return { state: 'silent', words: 'The device has not answered in time.' };
  if (acknowledgement.outcome === 'ACCEPTED') return { state: 'accepted' };
  const { reason, detail } = acknowledgement;
  const words = [reason && (REASONS[reason] ?? wordsFor(reason)), detail].filter(Boolean).join('. ');
  return { state: 'refused', words: words || undefined };
}
