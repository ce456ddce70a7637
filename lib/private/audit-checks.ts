import { Duration, Size, Token, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ManagementEvents } from '../audit/audit-choices';
import type { MediaAuditTrailProps } from '../audit/media-audit-trail';
import { checkDuration, checkPattern, checkRange, fail, lit } from './validation';

/** Of the 500 values that all selectors of a trail may have together, what names of calls leave. */
const MAX_RESOURCES = 200;

/** Checks the properties of an audit trail, and returns them with the durations and sizes that weren't given. */
export function checkedAuditTrail(scope: Construct, props: MediaAuditTrailProps) {
  const {
    retention = Duration.days(2192),
    answerRetention = Duration.days(30),
    scanLimit = Size.gibibytes(100),
  } = props;
  const { trailName, writeOnce, managementEvents = ManagementEvents.WRITE } = props;
  const rule = '3 to 128 of a-z A-Z 0-9 . _ -, of which the last three stand apart and in between';
  const pattern = /^(?=.{3,128}$)[a-zA-Z0-9]+([._-][a-zA-Z0-9]+)*$/;
  checkPattern(scope, lit`AuditTrailName`, 'trailName', trailName, pattern, rule);

  const kept = checkDuration(scope, lit`AuditRetention`, 'retention', retention, {
    min: 91,
    max: 36_500,
    unit: 'days',
  });
  if (writeOnce) {
    checkDuration(scope, lit`AuditWriteOnce`, 'writeOnce.retention', writeOnce.retention, {
      min: 1,
      max: Token.isUnresolved(kept) ? 36_500 : kept,
      unit: 'days',
      remedy: 'What is locked for longer than `retention` stays until then.',
    });
  }
  const answers = { min: 1, max: 365, unit: 'days' } as const;
  checkDuration(scope, lit`AuditAnswerRetention`, 'answerRetention', answerRetention, answers);
  const limit = scanLimit.isUnresolved() ? undefined : scanLimit.toMebibytes({ rounding: 1 });
  checkRange(scope, lit`AuditScanLimit`, 'scanLimit', limit, {
    min: 10,
    max: 7 * 1024 * 1024,
    unit: 'MiB',
    whole: false,
  });

  checkEvents(scope, props);
  checkResources(scope, props);
  if (managementEvents === ManagementEvents.NONE) {
    Validations.of(scope).addWarning(
      'cdk-kinesis-video:auditTrailUnwatched',
      'EventBridge learns of changes of the trail only where some trail of the region records management events, and this one does not.',
    );
  }
  return { ...props, retention, answerRetention, scanLimit, managementEvents };
}

function checkEvents(scope: Construct, props: MediaAuditTrailProps): void {
  for (const prop of ['streamEvents', 'channelEvents', 'bucketEvents'] as const) {
    const names = props[prop];
    if (names?.length === 0) fail(scope, lit`AuditEvents`, `\`${prop}\` is empty; leave it out to record all.`);
    for (const name of names ?? []) {
      checkPattern(
        scope,
        lit`AuditEvents`,
        prop,
        name,
        /^[A-Z][A-Za-z0-9]{1,127}$/,
        "the name of a call, like 'GetMedia'",
      );
    }
  }
}

function checkResources(scope: Construct, props: MediaAuditTrailProps): void {
  const { streams, channels, buckets = [], viewing = [] } = props;
  for (const [prop, given] of Object.entries({ streams, channels })) {
    if (given?.length === 0) fail(scope, lit`AuditResources`, `\`${prop}\` is empty; leave it out to record all.`);
  }
  const count = (streams ?? []).length + (channels ?? []).length + buckets.length + viewing.length;
  const remedy = 'Selectors take no more; leave `streams` and `channels` out, and all are recorded.';
  const range = { min: 0, max: MAX_RESOURCES, unit: 'resources', remedy };
  checkRange(scope, lit`AuditResources`, 'streams, channels and buckets', count, range);
}
