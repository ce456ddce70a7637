import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ConsultationsProps } from '../viewing/consultations';
import { checkDuration, checkPattern, lit } from './validation';

/** Who books, when rooms are open, and how long what was said and recorded is kept. */
export interface ConsultationSettings {
  readonly rolesClaim: string;
  readonly schedulerRole: string;
  readonly earlySeconds: number;
  readonly recordingHours: number;
  readonly recordDays: number;
}

export function consultationSettings(scope: Construct, props: ConsultationsProps): ConsultationSettings {
  const { rolesClaim = 'cognito:groups', schedulerRole = 'scheduler', earlyEntry = Duration.minutes(10) } = props;
  const { recordingRetention = Duration.days(30), recordRetention = Duration.days(2192) } = props;
  const word = /^[^\s,]{1,128}$/;
  checkPattern(scope, lit`ViewingClaim`, 'rolesClaim', rolesClaim, word, 'the name of a claim');
  checkPattern(scope, lit`ViewingClaim`, 'schedulerRole', schedulerRole, word, 'a role, without spaces and commas');
  const entry = { min: 0, max: 3600, unit: 'seconds' } as const;
  const hours = { min: 1, max: 87_600, unit: 'hours' } as const;
  const days = { min: 1, max: 36_500, unit: 'days' } as const;
  const code = lit`ConsultationRetention`;
  return {
    rolesClaim,
    schedulerRole,
    earlySeconds: checkDuration(scope, lit`ConsultationEntry`, 'earlyEntry', earlyEntry, entry),
    recordingHours: checkDuration(scope, code, 'recordingRetention', recordingRetention, hours),
    recordDays: checkDuration(scope, code, 'recordRetention', recordRetention, days),
  };
}
