import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { DRAWN, FRAMES_PER_SECOND, filming } from './film';
import { draw } from './picture';

export interface LiveVideoProps {
  /** When the figure is there, as an expression of ffmpeg about the time `t` in seconds since 1970. */
  readonly when: string;
  /** RTP packets of H.264 (packetization mode 1). */
  readonly onPacket: (packet: Buffer) => void;
}

/** A viewer who comes waits for a key frame: ffmpeg can't be asked for one. */
const KEY_FRAME_SECONDS = 1;

/** Below the 1200 bytes that browsers send themselves, with what encryption adds. */
const PACKET_SIZE = 1150;

/** What a drone films now, with the time of capture in each picture: one encoder, however many watch. */
export async function startLiveVideo({ when, onPacket }: LiveVideoProps) {
  const socket = createSocket('udp4').on('message', onPacket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const ffmpeg: ChildProcess = spawn(
    'ffmpeg',
    [
      // Pictures have the time when they come, which goes on as clocks do.
      ...['-fflags', 'nobuffer', '-probesize', '32', '-use_wallclock_as_timestamps', '1', '-copyts'],
      ...filming(when),
      ...['-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', '28', '-maxrate', '1M', '-bufsize', '500k'],
      ...['-g', String(FRAMES_PER_SECOND * KEY_FRAME_SECONDS), '-vsync', 'passthrough'],
      ...['-f', 'rtp', `rtp://127.0.0.1:${socket.address().port}?pkt_size=${PACKET_SIZE}`],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const ended = once(ffmpeg, 'close');
  ffmpeg.stdin!.on('error', () => undefined);
  const camera = setInterval(() => {
    // What ffmpeg has no time for is left out: a picture that waits isn't live.
    if (ffmpeg.stdin!.writableLength === 0) ffmpeg.stdin!.write(draw(Date.now(), DRAWN));
  }, 1000 / FRAMES_PER_SECOND);
  return {
    stop: async () => {
      clearInterval(camera);
      ffmpeg.kill('SIGKILL');
      await ended;
      socket.close();
    },
  };
}

export type LiveVideo = Awaited<ReturnType<typeof startLiveVideo>>;
