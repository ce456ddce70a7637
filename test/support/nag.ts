import type { App, PolicyViolation } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, type NagPack } from 'cdk-nag';

/** The configuration of the reference fleet with all that can be turned on. */
export const EVERYTHING = {
  cameras: ['front', 'down'],
  thingsAheadOfBoot: true,
  detection: { motion: { fleetHoursPerDay: 100 } },
  devices: 5000,
  pilots: { domainPrefix: 'delivery-pilots' },
  monitoring: { canary: true },
  alertEmails: ['pilot@example.com'],
  alarmEmails: ['operator@example.com'],
};

/** The packs of cdk-nag that the reference fleet passes. */
export const PACKS: [name: string, make: () => NagPack][] = [
  ['AwsSolutions', () => new AwsSolutionsChecks()],
  ['HIPAA.Security', () => new HIPAASecurityChecks()],
  ['NIST.800.53.R5', () => new NIST80053R5Checks()],
];

export interface NagFinding {
  readonly rule: string;
  readonly path: string;
}

/** What a pack finds, without what is acknowledged. */
export function nagFindings(app: App, make: () => NagPack): NagFinding[] {
  return make()
    .validateScope(app)
    .violations.flatMap(({ ruleName: rule, violatingResources }: PolicyViolation) =>
      violatingResources.map(({ constructPath }) => ({ rule, path: constructPath! })),
    );
}
