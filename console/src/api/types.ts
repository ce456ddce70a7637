import type { infer as Infer } from 'zod';
import type { DetectionEvent } from '../../../lambda/common/detection-event';
import type {
  clipAnswer,
  devicesAnswer,
  fragmentsAnswer,
  liveAnswer,
  playbackAnswer,
} from '../../../lambda/viewing-api/requests';

export type DevicesAnswer = Infer<typeof devicesAnswer>;
export type LiveAnswer = Infer<typeof liveAnswer>;
export type PlaybackAnswer = Infer<typeof playbackAnswer>;
export type ClipAnswer = Infer<typeof clipAnswer>;
export type FragmentsAnswer = Infer<typeof fragmentsAnswer>;
export type Fragment = FragmentsAnswer['fragments'][number];
export type { DetectionEvent };

type ListedStream = DevicesAnswer['devices'][number]['streams'][number];

export interface DeviceAnswer {
  readonly device: string;
  readonly streams: readonly (ListedStream & { readonly receivedAt?: string })[];
  readonly control?: { readonly holder: string; readonly until: string };
}

export interface ControlAnswer {
  readonly device: string;
  readonly holder?: string;
  /** Told to the holder only. */
  readonly token?: number;
  readonly until?: string;
  readonly heartbeatSeconds?: number;
}

export interface CommandAnswer {
  readonly id: string;
  readonly name: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly acknowledgement?: {
    readonly outcome: 'ACCEPTED' | 'REFUSED';
    readonly reason?: string;
    readonly detail?: string;
    readonly receivedAt: string;
  };
}

export interface Acknowledgement {
  readonly acknowledgedAt: string;
  readonly acknowledgedBy?: string;
  readonly note?: string;
}

export interface AlertsAnswer {
  readonly alerts: readonly (DetectionEvent & { readonly acknowledgement?: Acknowledgement })[];
  readonly nextToken?: string;
}
