import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { logger } from '../lambda/common/observability';
import type { Camera, Site } from './settings';

export interface JanusPorts {
  readonly url: string;
  readonly adminKey: string;
  /** Where media are sent to. */
  readonly mediaHost: string;
}

const created = z.object({ data: z.object({ id: z.number() }) });
const answer = z.object({ plugindata: z.object({ data: z.record(z.string(), z.unknown()) }) });
const refusal = z.object({ error: z.object({ code: z.number(), reason: z.string() }) });
const participants = z.object({
  participants: z.array(z.object({ id: z.string(), publisher: z.boolean().optional() })).default([]),
});
const forwarders = z.object({
  publishers: z
    .array(z.object({ publisher_id: z.string(), forwarders: z.array(z.object({ port: z.number() })).default([]) }))
    .default([]),
});

/** https://janus.conf.meetecho.com/docs/videoroom#vroomapi */
const ROOM_EXISTS = 427;
/** The dynamic one that the description of the media names (see recorder.ts). */
export const PAYLOAD_TYPE = 96;

/**
 * The rooms of Janus in which devices publish: one for each, with a pin of its own, so that none can be taken for
 * another. What is published is forwarded to the recorder of the device.
 *
 * All that is done is done again until it is so: Janus keeps neither rooms nor forwards when it starts anew.
 */
export class JanusRooms {
  private handle?: string;

  constructor(
    private readonly site: Site,
    private readonly ports: JanusPorts,
  ) {}

  /** Makes what is missing of rooms and forwards. */
  async bringToOrder(): Promise<void> {
    try {
      for (const camera of this.site.cameras) {
        await this.makeRoom(camera);
        await this.forward(camera);
      }
    } catch (error) {
      // Sessions end with Janus, or when it hasn't heard of them for a minute.
      this.handle = undefined;
      throw error;
    }
  }

  private async makeRoom({ device, pin }: Camera): Promise<void> {
    const { codec, fragmentSeconds } = this.site;
    const settings = { publishers: 1, videocodec: codec, fir_freq: fragmentSeconds, is_private: true, pin };
    const { error_code: code, error } = await this.ask({
      request: 'create',
      room: device,
      secret: this.ports.adminKey,
      admin_key: this.ports.adminKey,
      ...settings,
    });
    if (code !== undefined && code !== ROOM_EXISTS) throw new Error(`Janus makes no room for '${device}': ${error}`);
    if (code === undefined) logger.info('Room made', { device });
  }

  private async forward({ device, port }: Camera): Promise<void> {
    const room = { room: device, secret: this.ports.adminKey };
    const present = participants.parse(await this.ask({ request: 'listparticipants', ...room }));
    const publisher = present.participants.find((participant) => participant.publisher);
    if (!publisher) return;
    const sent = forwarders.parse(await this.ask({ request: 'listforwarders', ...room }));
    const own = sent.publishers.find(({ publisher_id: id }) => id === publisher.id)?.forwarders ?? [];
    if (own.some((forwarder) => forwarder.port === port)) return;
    const { error } = await this.ask({
      request: 'rtp_forward',
      ...room,
      admin_key: this.ports.adminKey,
      publisher_id: publisher.id,
      host: this.ports.mediaHost,
      host_family: 'ipv4',
      video_port: port,
      video_pt: PAYLOAD_TYPE,
    });
    // A device that enters hasn't agreed on its media at once.
    if (error) logger.info('Media are not forwarded yet', { device, reason: error });
    else logger.info('Media are forwarded', { device, port });
  }

  /** What the plug-in says to a request. */
  private async ask(body: object): Promise<Record<string, unknown>> {
    this.handle ??= await this.attach();
    const reply = await this.send(this.handle, { janus: 'message', body });
    return answer.parse(reply).plugindata.data;
  }

  private async attach(): Promise<string> {
    const session = created.parse(await this.send('', { janus: 'create' })).data.id;
    const plugin = { janus: 'attach', plugin: 'janus.plugin.videoroom' };
    return `/${session}/${created.parse(await this.send(`/${session}`, plugin)).data.id}`;
  }

  private async send(path: string, message: object): Promise<unknown> {
    const response = await fetch(`${this.ports.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...message, transaction: randomUUID() }),
      signal: AbortSignal.timeout(5000),
    });
    const content: unknown = await response.json();
    const refused = refusal.safeParse(content);
    if (refused.success) throw new Error(`Janus refuses: ${refused.data.error.reason}`);
    return content;
  }
}
