import type { infer as Infer } from 'zod';
import type { DetectionEvent } from '../api/types';
import type { deviceMessage } from '../../../lambda/common/device-message';

type Message = Infer<typeof deviceMessage>;

export type Seen = Message['detections'][number];

export interface DeviceDetections {
  /** `<device>:<message>`, with which the ids of its alerts begin. */
  readonly id: string;
  readonly device: string;
  readonly camera?: string;
  readonly capturedAt: number;
  readonly seen: readonly Seen[];
}

export type Heard =
  | { readonly kind: 'detections'; readonly message: DeviceDetections }
  | { readonly kind: 'alert'; readonly event: DetectionEvent };

/**
 * What came by `<prefix>/<device>/detections` or `<prefix>/<device>/alerts`.
 * @returns nothing for what isn't as it should be: a device may send anything
 */
export function readMessage(topic: string, payload: string): Heard | undefined {
  const [kind, device] = topic.split('/').reverse();
  const content = parse(payload);
  if (content === undefined || !device) return undefined;
  if (kind === 'detections') {
    const message = detectionsOf(device, content);
    return message && { kind, message };
  }
  if (kind !== 'alerts' || !isEvent(content) || content.device !== device) return undefined;
  return { kind: 'alert', event: content };
}

function detectionsOf(device: string, content: Partial<Message>): DeviceDetections | undefined {
  const { id, camera, detections } = content;
  const capturedAt = Date.parse(String(content.capturedAt));
  if (typeof id !== 'string' || Number.isNaN(capturedAt) || !Array.isArray(detections)) return undefined;
  const seen = detections.filter(
    (one) => typeof one?.label === 'string' && typeof one.confidence === 'number' && isBox(one.boundingBox),
  );
  if (seen.length === 0) return undefined;
  return { id: `${device}:${id}`, device, camera, capturedAt, seen };
}

function isEvent(content: Partial<DetectionEvent>): content is DetectionEvent {
  const texts = [content.id, content.device, content.obstacle, content.label, content.severity];
  return (
    texts.every((text) => typeof text === 'string') &&
    ['CRITICAL', 'WARNING', 'INFO'].includes(content.severity!) &&
    typeof content.confidence === 'number' &&
    !Number.isNaN(Date.parse(String(content.capturedAt))) &&
    isBox(content.boundingBox)
  );
}

function isBox(box: Seen['boundingBox']): boolean {
  if (box === undefined) return true;
  return [box.left, box.top, box.width, box.height].every((share) => typeof share === 'number');
}

function parse(payload: string): object | undefined {
  try {
    const content: unknown = JSON.parse(payload);
    return typeof content === 'object' && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}
