import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDevice } from '../../device/configuration';
import { deviceKit, type KitFile, type KitParts } from '../../device/kit';

/** What `DeviceIdentity.configuration` gives, deployed. */
export const CONFIGURATION = {
  region: 'eu-west-1',
  credentialEndpoint: 'c1abcdefghijkl.credentials.iot.eu-west-1.amazonaws.com',
  dataEndpoint: 'a1abcdefghijkl-ats.iot.eu-west-1.amazonaws.com',
  roleAlias: 'RoleAlias-AbC_123',
  streams: '{thing}',
  channels: '{thing}',
  detectionsTopic: 'devices/{thing}/detections',
};

interface Wanted extends Partial<KitParts> {
  readonly thing?: string;
  readonly configuration?: object;
  readonly telemetryTopic?: string;
}

export function kitOf({
  thing = 'drone-1',
  configuration = CONFIGURATION,
  telemetryTopic,
  ...parts
}: Wanted): KitFile[] {
  return deviceKit(readDevice(JSON.stringify(configuration), thing, telemetryTopic), {
    program: readFileSync(join(__dirname, '../../device/edge.py'), 'utf8'),
    profile: '720p',
    fragmentSeconds: 2,
    sources: ['v4l2src device=/dev/video0'],
    ...parts,
  });
}
