import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DeviceIdentity } from '../device/device-identity';
import { MediaRemoval, type FleetMedia } from '../device/fleet-media';
import { renderImageGeneration } from '../stream/image-generation';
import { StorageTier, checkMedia } from '../stream/video-stream';
import { FLEET_TAG } from './fleet-tag';
import { checkDuration, checkPattern, fail, lit } from './validation';

export interface MediaSettings {
  readonly fleetName: string;
  readonly identity: DeviceIdentity;
  readonly media?: FleetMedia;
  readonly removal?: MediaRemoval;
}

/** What each device gets, as lambda/common/fleet-media.ts reads it. */
export function renderMedia(scope: Construct, { fleetName, identity, media = {}, removal }: MediaSettings): object {
  const { retention = Duration.hours(24), messageTtl = Duration.seconds(60) } = media;
  const hours = { min: 1, max: 87_600, unit: 'hours' } as const;
  const retentionHours = checkDuration(scope, lit`StreamRetention`, 'media.retention', retention, hours);
  checkMedia(scope, 'media.mediaType', media.mediaType, media.storageTier, retentionHours);
  checkTags(scope, media.tags);
  const ttl = { min: 5, max: 120, unit: 'seconds' } as const;
  return {
    fleetName,
    thingTypeName: identity.thingTypeName,
    cameras: identity.cameras,
    removal: removal ?? MediaRemoval.KEEP,
    tags: { ...media.tags, [FLEET_TAG]: fleetName },
    stream: {
      DataRetentionInHours: retentionHours,
      MediaType: media.mediaType ?? 'video/h264',
      StreamStorageConfiguration: { DefaultStorageTier: media.storageTier ?? StorageTier.HOT },
      KmsKeyId: identity.encryptionKey?.keyRef.keyArn,
    },
    channel: identity.signaling
      ? { MessageTtlSeconds: checkDuration(scope, lit`ChannelMessageTtl`, 'media.messageTtl', messageTtl, ttl) }
      : undefined,
    imageGeneration:
      identity.images &&
      renderImageGeneration(scope, {
        ...media.imageGeneration,
        bucket: identity.images.bucket,
        prefix: identity.images.prefix ?? 'frames',
      }),
  };
}

function checkTags(scope: Construct, tags: { [key: string]: string } = {}): void {
  const code = lit`StreamTags`;
  const keys = Object.keys(tags);
  const pattern = /^(?!aws:)[\p{L}\p{N} _.:/=+@\\-]{1,128}$/u;
  const rule = "1 to 128 characters, and not start with 'aws:'";
  for (const key of keys) checkPattern(scope, code, 'media.tags', key, pattern, rule);
  // Of the 4 KB that a function's environment may have.
  const bytes = Buffer.byteLength(JSON.stringify(tags));
  if (bytes <= 2000 && keys.length <= 49) return;
  const has = `\`media.tags\` has ${keys.length} tags and ${bytes} bytes as JSON`;
  fail(scope, code, `${has}; 49 and 2000 are allowed. Use fewer.`);
}
