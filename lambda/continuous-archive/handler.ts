import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logger, metrics } from '../common/observability';
import { inParallel, page, type Page, type Round } from '../common/page';
import { streamNameOf } from '../common/video-source';
import { archiveStream, type ArchiverPorts } from './stream-archiver';

export interface Ports extends ArchiverPorts {
  /** Of each device, unless it has one stream only. */
  readonly cameras: string[];
}

/** As many streams at once as leave an invocation some of its network each. */
const WIDTH = 4;

/** With the longest names and errors, this is within the 256 KiB of a state. */
const MAX_REPORTED = 200;

/** Stores what the streams of a page have received, until all is stored or the time is nearly up. */
export async function handle(event: unknown, ports: Ports): Promise<Round> {
  const before = page.parse(event);
  const { names, round } = before;
  let { next } = before;
  const counts: Page['counts'] = { ...before.counts };
  const late: number[] = [];
  const failed: Round['report']['failed'] = [];
  const again = [...before.late];
  const goesOn = () => failed.length < MAX_REPORTED && ports.remaining() > RESERVE;

  const look = async (index: number): Promise<void> => {
    const thing = names[index];
    try {
      if (!(await archiveDevice(thing, ports))) late.push(index);
      else counts.checked++;
    } catch (error) {
      // Its watermark is where it was, so the next run goes on from there.
      const { name, message } = error as Error;
      logger.error('Media of a device could not be stored', { thing, error: error as Error });
      failed.push({ thing, error: `${name}: ${message}`.slice(0, 300) });
      metrics.addMetric('ArchiveFailed', MetricUnit.Count, 1);
      counts.checked++;
      counts.failed = (counts.failed ?? 0) + 1;
    }
  };
  await inParallel(WIDTH, () => (goesOn() && next < names.length ? look(next++) : undefined));
  await inParallel(WIDTH, () => (goesOn() && again.length > 0 ? look(again.shift()!) : undefined));
  late.push(...again);
  return {
    progress: { round: round + 1, next, late, counts },
    done: next === names.length && late.length === 0,
    reported: failed.length,
    report: { orphaned: [], failed },
  };
}

/** Longer than what a stream stops at, so that one that is begun gets on. */
const RESERVE = 120_000;

/** Whether that was all of its streams. */
async function archiveDevice(device: string, ports: Ports): Promise<boolean> {
  const cameras = ports.cameras.length === 0 ? [undefined] : ports.cameras;
  for (const camera of cameras) if (!(await archiveStream(streamNameOf({ device, camera }), ports))) return false;
  return true;
}
