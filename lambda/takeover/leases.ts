import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Lease, Verdict } from '../common/lease';
import { VersionedTable } from '../common/versioned-table';

/** How long it is kept who controlled a device last, in milliseconds. Tokens rise without it, too. */
const KEPT = 365 * 86_400_000;

const MAX_ATTEMPTS = 10;

export interface LeasePorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly leaseTable: string;
  readonly now: () => number;
}

/** The leases of all devices, in a table. */
export class Leases {
  private readonly table: VersionedTable<Lease>;

  constructor(private readonly ports: LeasePorts) {
    this.table = new VersionedTable(ports.dynamodb, ports.leaseTable);
  }

  async of(device: string): Promise<Lease | undefined> {
    return (await this.table.read({ device })).content;
  }

  /**
   * Changes the lease of a device as it is decided, unless somebody else has changed it meanwhile: then it is decided anew.
   * @throws Error if that goes on and on
   */
  async change(
    device: string,
    decide: (lease: Lease | undefined, now: number) => Verdict,
  ): Promise<{ verdict: Verdict; before?: Lease }> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { content: before, version } = await this.table.read({ device });
      const now = this.ports.now();
      const verdict = decide(before, now);
      if (verdict.verdict !== 'granted' || verdict.lease === before) return { verdict, before };
      if (await this.table.write({ device }, verdict.lease, version, now + KEPT)) return { verdict, before };
    }
    throw new Error(`Too many functions want to change who controls '${device}' at once.`);
  }
}
