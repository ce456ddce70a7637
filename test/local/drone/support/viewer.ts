import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';

export interface Live {
  readonly channelArn: string;
  readonly region: string;
  readonly clientId: string;
  readonly url: string;
}

/** Watches a device as the console does, in the page's video. */
async function watchDevice({ channelArn, region, clientId, url }: Live): Promise<void> {
  const peer = new RTCPeerConnection();
  const client = new SignalingClient({
    channelARN: channelArn,
    channelEndpoint: url,
    region,
    clientId,
    role: Role.VIEWER,
    requestSigner: { getSignedURL: () => Promise.resolve(url) },
  });
  const stream = new Promise<MediaStream>((resolve, reject) => {
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addEventListener('track', ({ track }) => resolve(new MediaStream([track])));
    peer.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate) client.sendIceCandidate(candidate);
    });
    client.on('open', () => {
      void peer.setLocalDescription().then(() => client.sendSdpOffer(peer.localDescription!));
    });
    client.on('sdpAnswer', (answer: RTCSessionDescriptionInit) => void peer.setRemoteDescription(answer));
    client.on('iceCandidate', (candidate: RTCIceCandidateInit) => void peer.addIceCandidate(candidate));
    client.on('error', reject);
    client.open();
  });
  const video = document.querySelector('video')!;
  video.srcObject = await stream;
  await video.play();
}

const helpers = { watchDevice };

declare global {
  var viewer: typeof helpers;
}

globalThis.viewer = helpers;
