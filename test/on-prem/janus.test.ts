import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { JanusRooms } from '../../on-prem/janus';
import { site } from '../../on-prem/settings';
import { captureOutput } from '../support/handler-output';

captureOutput();

const KEY = 'the key of the administrator';
const SITE = site.parse({
  name: 'depot',
  cameras: [{ device: 'gate-1', pin: 'the pin of the first gate', port: 21_500 }],
  obstacles: [{ name: 'person', labels: ['person'], minimumConfidence: 55, severity: 'CRITICAL' }],
});

/**
 * What the video room of Janus answers, as its documentation has it: https://janus.conf.meetecho.com/docs/videoroom
 * The real one is in site.browser.ts.
 */
class FakeJanus {
  rooms = new Map<string, { pin: string; publisher?: string; ports: number[] }>();
  session = 1;
  refusal?: { error_code: number; error: string };
  readonly requests: Record<string, unknown>[] = [];

  answer(path: string, message: Record<string, unknown>): object {
    if (message.janus === 'create') return { janus: 'success', data: { id: this.session } };
    if (!path.startsWith(`/${this.session}`)) {
      return { janus: 'error', error: { code: 458, reason: `No such session "${path.split('/')[1]}"` } };
    }
    if (message.janus === 'attach') return { janus: 'success', data: { id: 7 } };
    const body = message.body as Record<string, unknown>;
    this.requests.push(body);
    return { janus: 'success', plugindata: { plugin: 'janus.plugin.videoroom', data: this.say(body) } };
  }

  private say(body: Record<string, unknown>): object {
    const room = this.rooms.get(body.room as string);
    switch (body.request) {
      case 'create':
        if (this.refusal) return { videoroom: 'event', ...this.refusal };
        if (room) return { videoroom: 'event', error_code: 427, error: 'Room already exists' };
        this.rooms.set(body.room as string, { pin: body.pin as string, ports: [] });
        return { videoroom: 'created', room: body.room };
      case 'listparticipants': {
        const participants = room?.publisher ? [{ id: room.publisher, publisher: true }] : [];
        return { videoroom: 'participants', participants: [{ id: 'watcher', publisher: false }, ...participants] };
      }
      case 'listforwarders': {
        const forwarders = room!.ports.map((port) => ({ stream_id: 1, type: 'video', port }));
        return { videoroom: 'forwarders', publishers: [{ publisher_id: room!.publisher, forwarders }] };
      }
      default:
        room!.ports.push(body.video_port as number);
        return { videoroom: 'rtp_forward', forwarders: [] };
    }
  }
}

let server: Server;
let janus: FakeJanus;
let rooms: JanusRooms;

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = janus.answer(request.url!.replace('/janus', ''), JSON.parse(body));
      response.end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => {
  janus = new FakeJanus();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/janus`;
  rooms = new JanusRooms(SITE, { url, adminKey: KEY, mediaHost: '127.0.0.1' });
});

const asked = (request: string) => janus.requests.filter((body) => body.request === request);

test('each device has a room with a pin and one publisher, of which key frames are asked', async () => {
  await rooms.bringToOrder();
  await rooms.bringToOrder();
  expect([...janus.rooms]).toEqual([['gate-1', { pin: 'the pin of the first gate', ports: [] }]]);
  expect(asked('create')[0]).toMatchObject({
    admin_key: KEY,
    secret: KEY,
    is_private: true,
    publishers: 1,
    fir_freq: 10,
    videocodec: 'h264',
  });
});

test('what is published is forwarded once, and again when it is published anew', async () => {
  await rooms.bringToOrder();
  const room = janus.rooms.get('gate-1')!;
  room.publisher = 'somebody';
  await rooms.bringToOrder();
  await rooms.bringToOrder();
  expect(asked('rtp_forward')).toEqual([
    expect.objectContaining({ publisher_id: 'somebody', host: '127.0.0.1', video_port: 21_500, admin_key: KEY }),
  ]);
  Object.assign(room, { publisher: 'somebody else', ports: [] });
  await rooms.bringToOrder();
  expect(asked('rtp_forward').map((body) => body.publisher_id)).toEqual(['somebody', 'somebody else']);
});

test('when Janus has started anew, all is made again', async () => {
  await rooms.bringToOrder();
  janus.session = 2;
  janus.rooms.clear();
  await expect(rooms.bringToOrder()).rejects.toThrow('Janus refuses: No such session "1"');
  await rooms.bringToOrder();
  expect([...janus.rooms.keys()]).toEqual(['gate-1']);
});

test('that it makes no room is told', async () => {
  janus.refusal = { error_code: 433, error: 'Unauthorized (wrong key)' };
  await expect(rooms.bringToOrder()).rejects.toThrow("Janus makes no room for 'gate-1': Unauthorized (wrong key)");
});
