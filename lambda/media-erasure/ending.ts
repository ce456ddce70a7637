import { ELSEWHERE, MEDIA_OF_PERSONS, erasureCertificate, type ErasureCertificate, type Outcome } from './certificate';
import type { PlacePorts } from './places';
import type { Progress } from './progress';
import { sha256, type Proof } from './proof';
import type { ErasureRequest } from './request';
import { DEFECTS } from './source';

/** What the execution puts out. */
export interface Ending {
  readonly outcome: Outcome;
  /** Where the certificate is. */
  readonly certificate: string;
  readonly certificateSha256: string;
  readonly deleted: number;
  readonly left: number;
}

export interface Ended {
  readonly request: ErasureRequest;
  readonly execution: { readonly id: string; readonly startedAt: string };
  readonly progress: Progress;
  readonly places: readonly string[];
  /** How many the manifest has, with those of what became of it, and the files that have their checksums. */
  readonly files: number;
  readonly sums: readonly string[];
  readonly proof: Proof;
}

const LIST = 'manifest.sha256';

/** Writes the certificate. The first one counts. */
export async function certify(ended: Ended, { places: { fleetName }, now }: PlacePorts): Promise<Ending> {
  const { request, execution, progress, places, files, sums, proof } = ended;
  const { found, deleted, kept } = progress;
  const left = sum(found);
  const explained = Object.entries(kept).filter(([reason]) => !DEFECTS.some((defect) => defect === reason));
  const unexplained = left - explained.reduce((total, [, { count }]) => total + count, 0);
  const outcome = outcomeOf(request, left, unexplained);
  const certificate: ErasureCertificate = {
    schemaVersion: '1.0',
    requestId: request.requestId,
    fleet: fleetName,
    outcome,
    request: withoutNames(request),
    execution: execution.id,
    startedAt: execution.startedAt,
    finishedAt: new Date(now()).toISOString(),
    places: places.map((name) => ({ name, found: found[name] ?? 0, deleted: deleted[name] ?? 0 })),
    kept: Object.entries(kept).map(([reason, what]) => ({ reason, ...what })),
    verification: { passes: progress.passes.length, left, unexplained },
    manifest: { list: proof.uri(LIST), files, sha256: await proof.seal(LIST, sums) },
    elsewhere: request.subject ? [...ELSEWHERE, MEDIA_OF_PERSONS] : ELSEWHERE,
  };
  const text = await proof.writeOnce('certificate.json', erasureCertificate.parse(certificate));
  return {
    outcome,
    certificate: proof.uri('certificate.json'),
    certificateSha256: sha256(text),
    deleted: sum(deleted),
    left,
  };
}

function outcomeOf({ plan }: ErasureRequest, left: number, unexplained: number): Outcome {
  if (plan) return 'PLANNED';
  if (unexplained > 0) return 'INCOMPLETE';
  return left > 0 ? 'ERASED_IN_PART' : 'ERASED';
}

/** What a face is known by may be somebody's name, so that only who knows it already can tell that it was they. */
function withoutNames({ requestId, subject, ...request }: ErasureRequest): ErasureCertificate['request'] {
  return {
    ...request,
    ...(subject && {
      subject: {
        ...subject,
        ...(subject.externalImageId !== undefined && {
          externalImageId: sha256(`${requestId}:${subject.externalImageId}`),
        }),
      },
    }),
    recreate: request.recreate ?? false,
    plan: request.plan ?? false,
  };
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
