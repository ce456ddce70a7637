import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { BulkOnboarding } from '../../device/bulk-onboarding';
import type { CertificateRotation } from '../../device/certificate-rotation';
import type { FleetProvisioning } from '../../device/fleet-provisioning';
import type { FleetReconciler } from '../../device/fleet-reconciler';
import type { MediaProvisioner } from '../../device/media-provisioner';
import { handlerMetric } from '../handler-function';
import { PERIOD, graph } from './metrics';
import type { Section, Watch } from './watch';

const { SUM } = cloudwatch.Stats;

export interface RegistrationParts {
  readonly provisioning?: FleetProvisioning;
  readonly mediaProvisioner?: MediaProvisioner;
  readonly reconciler?: FleetReconciler;
  readonly onboarding?: BulkOnboarding;
  readonly certificates?: CertificateRotation;
}

/** Whether devices get in, and get their streams and channels. */
export function registrationSection(watch: Watch, parts: RegistrationParts, devices: number): Section {
  const { provisioning, mediaProvisioner, reconciler, onboarding, certificates } = parts;
  const widgets: cloudwatch.IWidget[] = [];
  const alarms: cloudwatch.IAlarm[] = [];

  if (provisioning?.hook) {
    const { hook } = provisioning;
    const decided = (name: string, label: string) =>
      handlerMetric(hook, 'fleet-provisioning', name, { statistic: SUM, period: PERIOD, label });
    const errors = hook.metricErrors({ statistic: SUM, period: PERIOD, label: 'Not decided' });
    const denied = decided('RegistrationDenied', 'Denied');
    widgets.push(graph('Registrations', [decided('RegistrationAllowed', 'Allowed'), denied, errors]));
    alarms.push(
      watch.alarm('HookAlarm', errors, {
        what: 'Registration: it could not be decided whether devices may register',
        anchor: 'registrations-fail',
        threshold: 5,
        evaluationPeriods: 1,
      }),
      watch.alarm('DeniedAlarm', denied.with({ period: Duration.minutes(15) }), {
        what: 'Registration: many devices are denied',
        anchor: 'registrations-denied',
        // One of a hundred, or what somebody who tries out certificates makes.
        threshold: Math.max(20, Math.ceil(devices / 100)),
        evaluationPeriods: 1,
      }),
    );
  }
  if (mediaProvisioner) {
    const { queue } = mediaProvisioner;
    const sum = (name: string, label: string) =>
      mediaProvisioner.metric(name, { statistic: SUM, period: PERIOD, label });
    widgets.push(
      graph('Media of devices', [
        sum('MediaCreated', 'Made'),
        sum('MediaRepaired', 'Repaired'),
        sum('MessageFailed', 'Tries that failed'),
        sum('ApiThrottled', 'Calls that AWS throttled'),
      ]),
      graph(
        'Devices that wait for media',
        [queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD, label: 'Devices' })],
        {
          right: [
            queue.metricApproximateAgeOfOldestMessage({
              statistic: 'Maximum',
              period: PERIOD,
              label: 'Longest, in seconds',
            }),
          ],
          rightYAxis: { min: 0, showUnits: false },
        },
      ),
    );
    alarms.push(...mediaProvisioner.alarms);
  }
  if (reconciler) {
    const day = { statistic: SUM, period: Duration.days(1) };
    widgets.push(
      graph(
        'Reconciliation, by day',
        [
          reconciler.metric('MediaRepaired', { ...day, label: 'Repaired' }),
          reconciler.metric('MediaOrphaned', { ...day, label: 'Left by devices that are gone' }),
          reconciler.metric('ReconcileFailed', { ...day, label: 'Failed' }),
        ],
        { period: Duration.days(1) },
      ),
    );
    alarms.push(...reconciler.alarms);
  }
  if (certificates) {
    widgets.push(
      graph(
        'Days until the first certificate expires',
        [certificates.metric('CertificateDaysLeft', { label: 'Days' })],
        {
          period: Duration.days(1),
        },
      ),
    );
    alarms.push(...certificates.alarms);
  }
  if (onboarding) alarms.push(onboarding.failureAlarm);
  return { title: 'Registration', widgets, alarms };
}
