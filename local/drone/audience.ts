import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCIceCandidateInit,
  type RTCIceServer,
} from 'werift';
import * as z from 'zod';
import { startLiveVideo, type LiveVideo } from './live-video';

export interface AudienceProps {
  readonly when: string;
  /** Sends a message to a viewer. */
  readonly say: (viewer: string, action: 'SDP_ANSWER' | 'ICE_CANDIDATE', message: object) => void;
  /** Each time that somebody couldn't be let watch. */
  readonly onFailure?: (error: Error) => void;
}

interface Viewer {
  readonly connection: RTCPeerConnection;
  readonly track: MediaStreamTrack;
  /** When candidates can be taken. */
  readonly ready: Promise<void>;
  /** When it was heard of last, by the clock of `performance`. */
  heardAt: number;
}

/** https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-limits.html */
const MAX_VIEWERS = 10;

/** How long a viewer may take to connect, and then be silent, in milliseconds: browsers report each second what they get. */
const PATIENCE = { connecting: 20_000, watching: 5000 };

/** What ffmpeg encodes, and browsers have to decode: the baseline, in whole packets and parts of such. */
const H264 = () =>
  new RTCRtpCodecParameters({
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  });

const offered = z.object({ type: z.literal('offer'), sdp: z.string() });
const found = z.object({
  candidate: z.string(),
  sdpMid: z.string().nullish(),
  sdpMLineIndex: z.number().nullish(),
});

/** Those who watch a drone now, each on a connection of its own. It films only while there is one. */
export function startAudience({ when, say, onFailure }: AudienceProps) {
  const viewers = new Map<string, Viewer>();
  let iceServers: RTCIceServer[] = [];
  let video: Promise<LiveVideo> | undefined;
  let resting = Promise.resolve();

  // A browser that is closed says nothing, and ICE finds out half a minute later.
  const watch = setInterval(() => {
    for (const [name, viewer] of viewers) {
      if (performance.now() - viewer.heardAt > PATIENCE.watching) void leave(name, viewer);
    }
  }, 1000);

  const film = () => {
    video ??= startLiveVideo({
      when,
      onPacket: (packet) => {
        for (const { track, connection } of viewers.values()) {
          if (connection.connectionState === 'connected') track.writeRtp(packet);
        }
      },
    });
  };

  const rest = (): Promise<void> => {
    const last = video;
    video = undefined;
    if (last) resting = last.then((running) => running.stop());
    return resting;
  };

  const leave = async (name: string, viewer: Viewer): Promise<void> => {
    if (viewers.get(name) === viewer) viewers.delete(name);
    const isLast = viewers.size === 0;
    // One that was never opened can't be closed well, and is gone all the same.
    await viewer.connection.close().catch(() => undefined);
    if (isLast && viewers.size === 0) await rest();
  };

  const answer = async (name: string, viewer: Viewer, sdp: string) => {
    const { connection } = viewer;
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    const { type, sdp: answered } = connection.localDescription!;
    say(name, 'SDP_ANSWER', { type, sdp: answered });
  };

  return {
    use: (servers: RTCIceServer[]) => void (iceServers = servers),
    viewers: () => [...viewers.keys()],
    isFilming: () => video !== undefined,
    /** A viewer wants to watch. One more than there may be gets no answer, as with the SDK in C. */
    offer: (name: string, message: unknown): void => {
      const { data } = offered.safeParse(message);
      const before = viewers.get(name);
      if (!data || (!before && viewers.size >= MAX_VIEWERS)) return;
      if (before) void leave(name, before);
      const connection = new RTCPeerConnection({
        iceServers,
        codecs: { video: [H264()] },
        bundlePolicy: 'max-bundle',
        // A browser on this machine may be reached there only.
        iceAdditionalHostAddresses: ['127.0.0.1'],
      });
      const track = new MediaStreamTrack({ kind: 'video' });
      const { sender } = connection.addTransceiver(track, { direction: 'sendonly' });
      connection.onIceCandidate.subscribe((candidate) => {
        if (candidate) say(name, 'ICE_CANDIDATE', candidate.toJSON());
      });
      let settle = () => undefined as void;
      const viewer: Viewer = {
        connection,
        track,
        ready: new Promise((resolve) => (settle = resolve)),
        heardAt: performance.now() + PATIENCE.connecting - PATIENCE.watching,
      };
      viewers.set(name, viewer);
      sender.onRtcp.subscribe(() => (viewer.heardAt = performance.now()));
      connection.connectionStateChange.subscribe((state) => {
        if (['disconnected', 'failed', 'closed'].includes(state)) void leave(name, viewer);
      });
      film();
      answer(name, viewer, data.sdp).then(settle, (error: Error) => {
        onFailure?.(error);
        void leave(name, viewer);
      });
    },
    candidate: (name: string, message: unknown): void => {
      const { data } = found.safeParse(message);
      const viewer = viewers.get(name);
      if (!data || !viewer) return;
      // One that can't be used leaves the others.
      void viewer.ready
        .then(() => viewer.connection.addIceCandidate(data as RTCIceCandidateInit))
        .catch(() => undefined);
    },
    stop: async () => {
      clearInterval(watch);
      await Promise.all([...viewers].map(([name, viewer]) => leave(name, viewer)));
      await rest();
    },
  };
}

export type Audience = ReturnType<typeof startAudience>;
