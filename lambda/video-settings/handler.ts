import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { CdkCustomResourceEvent, CdkCustomResourceResponse } from 'aws-lambda';
import { unlessNotFound } from '../common/errors';
import { SETTINGS, type Setting } from './settings';

export interface Ports {
  readonly kinesisVideo: KinesisVideoClient;
}

/** Makes, changes or takes away a setting on behalf of CloudFormation; a rollback is a change like any other. */
export async function handle(event: CdkCustomResourceEvent, ports: Ports): Promise<CdkCustomResourceResponse> {
  const setting = (SETTINGS as Record<string, Setting<unknown> | undefined>)[event.ResourceType];
  if (!setting) throw new Error(`There is no setting '${event.ResourceType}'.`);

  const properties = setting.schema.parse(event.ResourceProperties);
  if (event.RequestType === 'Delete') {
    await unlessNotFound(setting.remove(ports.kinesisVideo, properties));
    return { PhysicalResourceId: event.PhysicalResourceId };
  }
  const target = setting.target(properties);
  // A rollback comes from properties that may just have been refused.
  const before =
    event.RequestType === 'Update' ? setting.schema.safeParse(event.OldResourceProperties).data : undefined;
  const sameTarget = before !== undefined && setting.target(before) === target;
  await setting.apply(ports.kinesisVideo, properties, sameTarget ? before : undefined);
  return { PhysicalResourceId: target };
}
