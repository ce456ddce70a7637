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
    {
      mutate: ['lambda/common/access/{authorizer,caller,devices}.ts'],
      tests: ['lambda/common/access/{authorizer,caller,devices}'],
    },
  ],
  lease: [
    { mutate: ['lambda/common/lease.ts'], tests: ['lambda/common/lease'] },
    { mutate: ['lambda/common/device-lease.ts'], tests: ['lambda/common/device-lease'] },
    { mutate: ['lambda/common/takeover.ts'], tests: ['lambda/takeover/handler'] },
  ],
  detection: [
    { mutate: ['lambda/common/{encounter,encounters}.ts'], tests: ['lambda/common/{encounter,encounters}'] },
    { mutate: ['lambda/common/obstacles.ts'], tests: ['lambda/common/obstacles'] },
    { mutate: ['lambda/common/{gate,gates}.ts'], tests: ['lambda/common/gates'] },
    { mutate: ['lambda/common/quiet-window.ts'], tests: ['lambda/common/quiet-window'] },
    { mutate: ['lambda/common/alerts.ts'], tests: ['lambda/common/alerts'] },
  ],
};
