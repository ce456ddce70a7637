import { stringify } from 'yaml';
import type { Device } from './configuration';
import { CERTIFICATE_FILES } from './pipeline';

const COMPONENT = 'cdk-kinesis-video.Edge';

/**
 * A component that runs `edge.py` under Greengrass. It publishes through the nucleus, to the topics of this thing and no others.
 *
 * For PutMedia it uses the thing's own certificate with the fleet's role alias, and not the token exchange service: that has the
 * role of the core device, which is one for all that runs on it, and kvssink can't ask it for credentials.
 *
 * https://docs.aws.amazon.com/greengrass/v2/developerguide/component-recipe-reference.html
 * https://docs.aws.amazon.com/greengrass/v2/developerguide/ipc-iot-core-mqtt.html
 */
export function greengrassRecipe({ motionTopic, telemetryTopic }: Device, bucket: string): string {
  const artifacts = ['edge.py', 'edge.json', 'kvs-log.properties'];
  return stringify(
    {
      RecipeFormatVersion: '2020-01-25',
      ComponentName: COMPONENT,
      ComponentVersion: '1.0.0',
      ComponentType: 'aws.greengrass.generic',
      ComponentDescription: 'Streams to Kinesis Video Streams while something moves',
      ComponentPublisher: 'cdk-kinesis-video',
      ComponentConfiguration: {
        DefaultConfiguration: {
          // A folder with the thing's certificate, which the user of components may read.
          credentials: '/etc/kvs',
          accessControl: {
            'aws.greengrass.ipc.mqttproxy': {
              [`${COMPONENT}:mqttproxy:1`]: {
                policyDescription: 'Tells of motion and of the producers',
                operations: ['aws.greengrass#PublishToIoTCore'],
                resources: [motionTopic, ...(telemetryTopic ? [telemetryTopic] : [])],
              },
            },
          },
        },
      },
      ComponentDependencies: {
        'aws.greengrass.Nucleus': { VersionRequirement: '>=2.6.0 <3.0.0', DependencyType: 'SOFT' },
      },
      Manifests: [
        {
          Platform: { os: 'linux' },
          Lifecycle: {
            Install: { Script: 'python3 -c "import awsiot.greengrasscoreipc.clientv2, gi"' },
            Run: {
              Script: `export CREDENTIALS_DIRECTORY="{configuration:/credentials}"; for file in ${Object.values(CERTIFICATE_FILES).join(' ')}; do test -r "$CREDENTIALS_DIRECTORY/$file" || exit 1; done; exec python3 -u {artifacts:path}/edge.py {artifacts:path}/edge.json`,
            },
          },
          Artifacts: artifacts.map((file) => ({ URI: `s3://${bucket}/${COMPONENT}/1.0.0/${file}` })),
        },
      ],
    },
    // Of 1.1 as Greengrass reads it, where the version of the format would be a date.
    { lineWidth: 0, version: '1.1' },
  );
}
