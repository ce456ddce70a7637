/** Sources, and the tests that are to find each mutant of them: few, as they are run for each. */
export interface Unit {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

/** Where a mutant that no test finds is a hole, and each part by itself, so that it meets its own tests only. */
export const GROUPS: Record<string, readonly Unit[]> = {
  access: [
    { mutate: ['lambda/common/access/authorize.ts'], tests: ['lambda/common/access/authorize'] },
    { mutate: ['lambda/common/access/access.ts'], tests: ['lambda/common/access/{access,admit-some}'] },
    { mutate: ['lambda/common/access/caller.ts'], tests: ['lambda/common/access/caller'] },
    { mutate: ['lambda/common/access/authorizer.ts'], tests: ['lambda/common/access/authorizer'] },
    { mutate: ['lambda/common/access/devices.ts'], tests: ['lambda/common/access/devices'] },
  ],
  lease: [
    { mutate: ['lambda/common/lease.ts'], tests: ['lambda/common/lease'] },
    { mutate: ['lambda/common/device-lease.ts'], tests: ['lambda/common/device-lease'] },
    { mutate: ['lambda/common/takeover.ts'], tests: ['lambda/common/takeover'] },
  ],
  detection: [
    { mutate: ['lambda/common/encounter.ts'], tests: ['lambda/common/encounter'] },
    { mutate: ['lambda/common/encounters.ts'], tests: ['lambda/common/encounters'] },
    { mutate: ['lambda/common/obstacles.ts'], tests: ['lambda/common/obstacles'] },
    { mutate: ['lambda/common/gate.ts'], tests: ['lambda/common/gate'] },
    { mutate: ['lambda/common/quiet-window.ts'], tests: ['lambda/common/quiet-window'] },
    { mutate: ['lambda/common/alerts.ts'], tests: ['lambda/common/alerts'] },
    { mutate: ['lambda/common/gates.ts'], tests: ['lambda/common/gates'] },
  ],
  grants: [
    { mutate: ['lib/stream/video-stream-grants.ts'], tests: ['policies/video-stream-grants'] },
    { mutate: ['lib/signaling/signaling-channel-grants.ts'], tests: ['policies/signaling-channel-grants'] },
    {
      mutate: ['lib/detection/{face-collection,stream-processor}-grants.ts'],
      tests: ['policies/rekognition-grants'],
    },
    { mutate: ['lib/detection/model-endpoint-grants.ts'], tests: ['policies/model-endpoint'] },
    { mutate: ['lib/archive/clip-archive-grants.ts'], tests: ['{archive,policies}/clip-archive'] },
    { mutate: ['lib/audit/media-audit-trail-grants.ts'], tests: ['policies/media-audit-trail'] },
    { mutate: ['lib/privacy/media-erasure-grants.ts'], tests: ['policies/media-erasure'] },
    { mutate: ['lib/viewing/takeover-grants.ts'], tests: ['policies/takeover'] },
  ],
  policies: [
    { mutate: ['lib/private/viewing-access.ts'], tests: ['{policies,viewing}/viewing-api'] },
    { mutate: ['lib/private/consultation-access.ts'], tests: ['{policies,viewing}/consultations'] },
    { mutate: ['lib/private/archive-access.ts'], tests: ['policies/{clip-archive,continuous-archive}'] },
    {
      mutate: ['lib/device/device-identity.ts', 'lib/private/device-permissions.ts'],
      tests: [
        'device/device-identity',
        'policies/{certificate-rotation,claim-policy,device-iot-policy,device-quarantine,device-role}',
      ],
    },
  ],
  validators: [
    { mutate: ['lib/private/validation.ts'], tests: ['fleet/validation'] },
    { mutate: ['lib/planning/check-workload.ts'], tests: ['planning/check-workload'] },
  ],
  pacing: [
    { mutate: ['lambda/common/pacer.ts'], tests: ['lambda/common/pacer'] },
    { mutate: ['lambda/common/{connected-pacer,paced-media}.ts'], tests: ['lambda/common/paced-media'] },
  ],
  checks: [
    { mutate: ['lib/checks/values.ts'], tests: ['checks/values'] },
    { mutate: ['lib/checks/policies.ts'], tests: ['checks/policies'] },
    { mutate: ['lib/checks/kinds.ts'], tests: ['checks/kinds'] },
    {
      mutate: ['lib/checks/{device-policies,kinesis-video-checks,rule,template,trust-rule}.ts'],
      tests: ['checks/{details,kinesis-video-checks,rules}'],
    },
    { mutate: ['lib/checks/rules/*.ts'], tests: ['checks/{details,media,rules}'] },
  ],
  // Without the tests that synthesize whole fleets, which take a minute.
  guard: [
    { mutate: ['cli/guard/allow.ts'], tests: ['cli/guard/allow'] },
    {
      mutate: ['cli/guard/{compare,pairs,renames,finding}.ts'],
      tests: ['cli/guard/{compare,protections,references,renames,stateful}'],
    },
    { mutate: ['cli/guard/protections.ts'], tests: ['cli/guard/protections'] },
    { mutate: ['cli/guard/references.ts'], tests: ['cli/guard/references'] },
    { mutate: ['cli/guard/{stateful,model}.ts'], tests: ['cli/guard/{stateful,protections}'] },
    { mutate: ['cli/guard/report.ts'], tests: ['cli/guard/report'] },
    { mutate: ['cli/guard/{assembly,command,template}.ts'], tests: ['cli/guard/{command,compare}'] },
  ],
};
