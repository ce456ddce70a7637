import * as z from 'zod';

/** `a-z A-Z 0-9 _ -`: what a thing of a fleet may be named, so that it is a word in a shell and in a topic. */
export const THING_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

const host = z.string().regex(/^[a-zA-Z0-9.-]{1,253}$/, 'is not a host name');
const topic = z.string().regex(/^[a-zA-Z0-9_/${}-]{1,256}$/, 'is not a topic');
// The characters of names of streams and channels, and the braces of `{thing}`.
const names = z.string().regex(/^[a-zA-Z0-9_.{}-]+(,[a-zA-Z0-9_.{}-]+){0,15}$/, 'is not a list of names');

/** What `DeviceIdentity.configuration` hands to devices. */
const deviceConfiguration = z.object({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is not a region'),
  credentialEndpoint: host.refine((name) => name.includes('.credentials.iot.'), {
    error: 'is not an endpoint of the type iot:CredentialProvider',
  }),
  dataEndpoint: host,
  roleAlias: z.string().regex(/^[\w-]{1,128}$/, 'is not the name of a role alias that kvssink can be given'),
  streams: names,
  channels: names.optional(),
  detectionsTopic: topic.regex(/\/detections$/, 'does not end in /detections'),
});

/** A camera of a device. */
export interface Camera {
  /** Its name, if the device has several. */
  readonly name?: string;
  readonly stream: string;
  readonly channel?: string;
}

/** A device, as its kit needs to know it. */
export interface Device {
  readonly thing: string;
  readonly region: string;
  readonly credentialEndpoint: string;
  readonly dataEndpoint: string;
  readonly roleAlias: string;
  readonly cameras: Camera[];
  readonly motionTopic: string;
  readonly telemetryTopic?: string;
}

/**
 * Reads the device configuration document for one thing.
 *
 * @param telemetryTopic the output `TelemetryTopic` of the fleet, if there is one
 * @throws Error that says what is wrong with which field
 */
export function readDevice(document: string, thing: string, telemetryTopic?: string): Device {
  if (!THING_NAME.test(thing)) throw new Error(`'${thing}' is not the name of a thing: 1 to 128 of a-z A-Z 0-9 _ -`);
  const { streams, channels, detectionsTopic, ...rest } = parse(document);
  const own = (text: string) => text.replaceAll('{thing}', thing);
  const channelNames = channels === undefined ? [] : own(channels).split(',');
  return {
    ...rest,
    thing,
    cameras: own(streams)
      .split(',')
      .map((stream, index) => ({ name: cameraOf(stream, thing), stream, channel: channelNames[index] })),
    motionTopic: own(detectionsTopic.replace(/detections$/, 'motion')),
    telemetryTopic: telemetryTopic === undefined ? undefined : own(topic.parse(telemetryTopic)),
  };
}

function cameraOf(stream: string, thing: string): string | undefined {
  if (stream === thing) return undefined;
  const [device, camera] = stream.split('.');
  if (device !== thing || !camera) throw new Error(`The stream ${stream} is none of ${thing}`);
  return camera;
}

function parse(document: string): z.infer<typeof deviceConfiguration> {
  let content: unknown;
  try {
    content = JSON.parse(document);
  } catch (error) {
    throw new Error(`The device configuration is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const { data, error } = deviceConfiguration.safeParse(content);
  if (error) {
    const issues = error.issues.map(({ path, message }) => `\`${path.join('.')}\`: ${message}`);
    throw new Error(`The device configuration is wrong. ${issues.join('; ')}`);
  }
  return data;
}
