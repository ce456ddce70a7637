import type { SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import type { LiveAnswer } from '../api/types';

/** Why there is no video, as people are told. */
export class NoVideo extends Error {}

export interface Line {
  readonly peer: RTCPeerConnection;
  readonly stream: MediaStream;
  close(): void;
}

const ANSWER_WITHIN = 10_000;
const VIDEO_WITHIN = 15_000;

/**
 * Connects to a device's camera as one of its viewers.
 *
 * @throws NoVideo
 */
export async function connect(live: LiveAnswer, signal: AbortSignal): Promise<Line> {
  const { Role, SignalingClient } = await import('./signaling.js');
  const peer = new RTCPeerConnection({ iceServers: live.iceServers });
  const signaling = new SignalingClient({
    role: Role.VIEWER,
    channelARN: live.channelArn,
    channelEndpoint: live.endpoints.wss,
    clientId: live.clientId,
    region: live.region,
    requestSigner: { getSignedURL: () => Promise.resolve(live.signedUrl) },
  });
  const close = () => {
    signaling.close();
    peer.close();
  };
  try {
    const stream = await negotiate(peer, signaling, signal);
    return { peer, stream, close };
  } catch (error) {
    close();
    throw error;
  }
}

function negotiate(peer: RTCPeerConnection, signaling: SignalingClient, signal: AbortSignal): Promise<MediaStream> {
  return new Promise((resolve, reject) => {
    const timers: ReturnType<typeof setTimeout>[] = [];
    const done = (settle: () => void) => {
      timers.forEach(clearTimeout);
      settle();
    };
    const fail = (words: string) => done(() => reject(new NoVideo(words)));
    signal.addEventListener('abort', () => fail('Stopped.'), { once: true });

    let isOpen = false;
    let stream: MediaStream | undefined;
    const check = () => {
      if (peer.connectionState === 'failed') fail('No way through the network to the device was found.');
      if (peer.connectionState === 'connected' && stream) done(() => resolve(stream!));
    };
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate && isOpen) signaling.sendIceCandidate(candidate);
    });
    peer.addEventListener('connectionstatechange', check);
    peer.addEventListener('track', ({ streams: [given], track }) => {
      stream = given ?? new MediaStream([track]);
      check();
    });

    signaling.on('open', () => {
      isOpen = true;
      timers.push(setTimeout(() => fail('The device does not answer. It may be off or out of reach.'), ANSWER_WITHIN));
      void (async () => {
        await peer.setLocalDescription(await peer.createOffer());
        signaling.sendSdpOffer(peer.localDescription!);
      })().catch(() => fail('This browser can’t offer to take video.'));
    });
    signaling.on('sdpAnswer', (answer: RTCSessionDescriptionInit) => {
      timers.splice(0).forEach(clearTimeout);
      timers.push(setTimeout(() => fail('The device answers, but no video comes.'), VIDEO_WITHIN));
      peer.setRemoteDescription(answer).catch(() => fail('The device’s answer can’t be used.'));
    });
    signaling.on('iceCandidate', (candidate: RTCIceCandidateInit) => {
      // One that can't be used leaves the others.
      peer.addIceCandidate(candidate).catch(() => undefined);
    });
    // Browsers don't tell why a WebSocket was refused.
    signaling.on('error', () => {
      if (!isOpen) fail('The device’s channel let nobody in. At most 10 viewers watch a device at once.');
    });
    signaling.open();
  });
}
