import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import { HILLS, SKY, ridge } from '../../../local/drone/scene';
import { blocksOf, PATTERN } from '../../../local/drone/time-pattern';
import { wallClock } from '../wall-clock';

export interface CameraProps {
  readonly channelArn: string;
  readonly region: string;
  readonly url: string;
}

const FRAMES_PER_SECOND = 30;

/** A drone's camera: what it sees has the time of its capture in it. It answers whoever wants to watch. */
export function startCamera({ channelArn, region, url }: CameraProps): Promise<void> {
  const canvas = document.querySelector('canvas')!;
  const context = canvas.getContext('2d', { alpha: false })!;
  const [track] = canvas.captureStream(0).getVideoTracks() as CanvasCaptureMediaStreamTrack[];
  const stream = new MediaStream([track]);
  setInterval(() => {
    draw(context, wallClock.now());
    track.requestFrame();
  }, 1000 / FRAMES_PER_SECOND);

  const client = new SignalingClient({
    channelARN: channelArn,
    channelEndpoint: url,
    region,
    role: Role.MASTER,
    requestSigner: { getSignedURL: () => Promise.resolve(url) },
  });
  const viewers = new Map<string, RTCPeerConnection>();
  client.on('sdpOffer', (offer: RTCSessionDescriptionInit, viewer: string) => {
    viewers.get(viewer)?.close();
    const connection = new RTCPeerConnection();
    viewers.set(viewer, connection);
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate) client.sendIceCandidate(candidate, viewer);
    });
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'failed' || connection.connectionState === 'closed') viewers.delete(viewer);
    });
    void answer(connection, offer, stream).then(() => client.sendSdpAnswer(connection.localDescription!, viewer));
  });
  client.on('iceCandidate', (candidate: RTCIceCandidateInit, viewer: string) => {
    void viewers.get(viewer)?.addIceCandidate(candidate);
  });
  return new Promise((resolve, reject) => {
    client.on('open', resolve);
    client.on('error', reject);
    client.open();
  });
}

async function answer(
  connection: RTCPeerConnection,
  offer: RTCSessionDescriptionInit,
  stream: MediaStream,
): Promise<void> {
  await connection.setRemoteDescription(offer);
  for (const track of stream.getTracks()) connection.addTrack(track, stream);
  await connection.setLocalDescription(await connection.createAnswer());
}

/** Ground that goes by, and above it the time. */
function draw(context: CanvasRenderingContext2D, time: number): void {
  const { width, height } = context.canvas;
  const { columns, rows, share } = PATTERN;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `rgb(${SKY.top.join()})`);
  sky.addColorStop(1, `rgb(${SKY.bottom.join()})`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  HILLS.forEach((colour, hill) => {
    context.fillStyle = `rgb(${colour.join()})`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 8) context.lineTo(x, height * ridge(hill, x / width, time));
    context.lineTo(width, height);
    context.fill();
  });
  const [blockWidth, blockHeight] = [width / columns, (share * height) / rows];
  blocksOf(time).forEach((isWhite, index) => {
    context.fillStyle = isWhite ? '#fff' : '#000';
    context.fillRect(
      (index % columns) * blockWidth,
      Math.floor(index / columns) * blockHeight,
      blockWidth,
      blockHeight,
    );
  });
}

Object.assign(globalThis, { startCamera });
