import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import Pipe2Jpeg from 'pipe2jpeg';
import { logger } from '../lambda/common/observability';
import { PAYLOAD_TYPE } from './janus';
import type { Camera, Site } from './settings';

export interface RecorderPorts {
  readonly folder: string;
  /** A frame as JPEG, at the rate of the site. */
  readonly onFrame: (device: string, jpeg: Buffer, capturedAt: Date) => void;
  /** A recording that is complete. */
  readonly onFragment: (device: string, file: string) => void;
}

/** Before ffmpeg is started again, in milliseconds. */
const PAUSE = 2000;

/** What Janus forwards of one camera, as recordings that aren't encoded again, and as frames. */
export class Recorder {
  private process?: ChildProcess;
  private stopped = false;

  constructor(
    private readonly camera: Camera,
    private readonly site: Site,
    private readonly ports: RecorderPorts,
  ) {}

  /** Until it is stopped: ffmpeg ends when a device sends what it doesn't understand, and is started again. */
  async run(): Promise<void> {
    const { device } = this.camera;
    mkdirSync(this.folder, { recursive: true });
    // What an earlier run left.
    for (const file of readdirSync(this.folder)) this.ports.onFragment(device, join(this.folder, file));
    while (!this.stopped) {
      const code = await this.record();
      if (this.stopped) return;
      logger.warn('The recorder ended and is started again', { device, code });
      await sleep(PAUSE);
    }
  }

  stop(): void {
    this.stopped = true;
    this.process?.kill('SIGINT');
  }

  private get folder(): string {
    return join(this.ports.folder, this.camera.device);
  }

  private async record(): Promise<unknown> {
    const { device } = this.camera;
    const recorder = spawn('ffmpeg', this.options, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
    this.process = recorder;
    const [stdin, stdout, stderr, fragments] = recorder.stdio;
    stdin!.on('error', () => undefined).end(this.description);
    (stdout as Readable).pipe(new Pipe2Jpeg()).on('jpeg', (jpeg: Buffer) => {
      this.ports.onFrame(device, jpeg, new Date());
    });
    createInterface({ input: stderr as Readable }).on('line', (line) => logger.debug('ffmpeg', { device, line }));
    // ffmpeg names a recording when it is about to close its file: it is closed when the next one is named.
    let last: string | undefined;
    const complete = () => last && this.ports.onFragment(device, this.renamed(last));
    createInterface({ input: fragments as Readable }).on('line', (line) => {
      complete();
      last = line;
    });
    const [code] = await once(recorder, 'close');
    complete();
    return code;
  }

  /** A recording under the time when it began, in milliseconds since 1970. */
  private renamed(line: string): string {
    const [name, began] = line.split(',');
    const file = join(this.folder, `${Math.round(1000 * Number(began))}.mkv`);
    renameSync(join(this.folder, name), file);
    return file;
  }

  /** What arrives at the port, as ffmpeg has to be told. */
  private get description(): string {
    const encoding = { h264: 'H264', vp8: 'VP8' }[this.site.codec];
    return [
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 0.0.0.0',
      't=0 0',
      `m=video ${this.camera.port} RTP/AVP ${PAYLOAD_TYPE}`,
      `a=rtpmap:${PAYLOAD_TYPE} ${encoding}/90000`,
      '',
    ].join('\n');
  }

  private get options(): string[] {
    const { imageIntervalSeconds, fragmentSeconds } = this.site;
    // Not `fps`, which holds each frame back until it has seen the next.
    const select = `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${imageIntervalSeconds})'`;
    return [
      ...['-loglevel', 'warning', '-protocol_whitelist', 'pipe,udp,rtp'],
      // The clock of this machine: that of RTP begins anywhere.
      ...['-copyts', '-use_wallclock_as_timestamps', '1', '-f', 'sdp', '-i', 'pipe:0'],
      ...['-map', '0:v', '-c', 'copy', '-f', 'segment', '-segment_time', String(fragmentSeconds)],
      ...['-segment_format', 'matroska', '-reset_timestamps', '1'],
      ...['-segment_list', 'pipe:3', '-segment_list_type', 'csv', join(this.folder, `${Date.now()}-%d.mkv`)],
      ...['-map', '0:v', '-vf', select, '-vsync', 'vfr', '-c:v', 'mjpeg', '-q:v', '4', '-f', 'image2pipe', 'pipe:1'],
    ];
  }
}
