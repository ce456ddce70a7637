import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';

/** A device at Janus, in the protocol of its HTTP transport: https://janus.conf.meetecho.com/docs/rest */
export class Publisher {
  static async at(url: string): Promise<Publisher> {
    const session = await post(url, { janus: 'create' });
    const handle = await post(`${url}/${session.data.id}`, { janus: 'attach', plugin: 'janus.plugin.videoroom' });
    return new Publisher(`${url}/${session.data.id}`, handle.data.id);
  }

  private constructor(
    private readonly session: string,
    private readonly handle: number,
  ) {}

  /** What the room says to one who wants to enter. */
  enter(room: string, pin: string): Promise<Message> {
    return this.ask({ request: 'join', ptype: 'publisher', room, pin, id: randomUUID() });
  }

  /** Publishes the picture as the film of a camera. */
  async publish(page: Page, picture: Buffer): Promise<void> {
    const sdp = await page.evaluate(offer, `data:image/jpeg;base64,${picture.toString('base64')}`);
    const { jsep } = await this.ask({ request: 'publish', audio: false }, { type: 'offer', sdp });
    await page.evaluate(take, jsep!.sdp);
  }

  private async ask(body: object, jsep?: object): Promise<Message> {
    await post(`${this.session}/${this.handle}`, { janus: 'message', body, jsep });
    for (;;) {
      const event = (await (await fetch(`${this.session}?maxev=1`)).json()) as { janus: string } & Answer;
      if (event.janus === 'event') return { ...event.plugindata.data, jsep: event.jsep };
    }
  }
}

interface Message {
  readonly error?: string;
  readonly videoroom?: string;
  readonly jsep?: { readonly sdp: string };
}

interface Answer {
  readonly data: { readonly id: number };
  readonly plugindata: { readonly data: object };
  readonly jsep?: { readonly sdp: string };
}

async function post(url: string, message: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ ...message, transaction: randomUUID() }),
  });
  return (await response.json()) as Answer;
}

/** In the page. */
async function offer(source: string): Promise<string> {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const context = canvas.getContext('2d')!;
  // A canvas that doesn't change gives no frames.
  setInterval(() => context.drawImage(image, 0, 0, canvas.width, canvas.height), 100);
  const connection = new RTCPeerConnection();
  Object.assign(globalThis, { connection });
  for (const track of canvas.captureStream(10).getTracks()) connection.addTrack(track);
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== 'complete') {
    await new Promise((resolve) => connection.addEventListener('icegatheringstatechange', resolve, { once: true }));
  }
  return connection.localDescription!.sdp;
}

/** In the page. */
async function take(sdp: string): Promise<void> {
  const { connection } = globalThis as unknown as { connection: RTCPeerConnection };
  await connection.setRemoteDescription({ type: 'answer', sdp });
}
