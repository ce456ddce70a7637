import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readDevice } from '../../device/configuration';
import { deviceKit } from '../../device/kit';
import { FRAGMENT_SECONDS, PROFILES, type ProfileName } from '../../device/profile';
import { ExitCode, understood, UsageError, type Ports } from '../ports';

export const DEVICE_KIT_USAGE = `Usage: cdk-kinesis-video device-kit CONFIGURATION THING FOLDER [options]

Writes what a camera needs beside the SDKs and its certificate: scripts, units of systemd, and a
program that streams only while something moves.

  CONFIGURATION            the device configuration as JSON: the output DeviceConfiguration of a fleet
  THING                    the name of the thing
  --profile NAME           ${Object.keys(PROFILES).join(' or ')} (720p)
  --fragment SECONDS       how long a fragment is, ${FRAGMENT_SECONDS.min} to ${FRAGMENT_SECONDS.max} (${FRAGMENT_SECONDS.default})
  --source SOURCE          where pictures come from: rtsp://…, or how a pipeline of GStreamer begins
                           (v4l2src device=/dev/video0); once for each camera, in the order of the streams
  --telemetry-topic TOPIC  the output TelemetryTopic of the fleet
  --greengrass BUCKET      makes a component of Greengrass too, with artifacts in this bucket
`;

/** From the sources as from the bundle. */
const PROGRAM = join(__dirname, '..', '..', 'device', 'edge.py');

/**
 * Writes the kit of a device.
 *
 * @throws Error when there can be none
 */
export function deviceKitCommand(args: string[], ports: Ports): ExitCode {
  const { positionals, values } = parsed(args);
  if (values.help) {
    ports.out(DEVICE_KIT_USAGE);
    return ExitCode.NOTHING;
  }
  if (positionals.length !== 3) {
    throw new UsageError(`A configuration, a thing and a folder are needed.`, DEVICE_KIT_USAGE);
  }
  if (!isProfile(values.profile)) throw new UsageError(`There is no profile '${values.profile}'.`, DEVICE_KIT_USAGE);
  const [configuration, thing, folder] = positionals;
  const files = deviceKit(readDevice(readFileSync(configuration, 'utf8'), thing, values['telemetry-topic']), {
    program: readFileSync(PROGRAM, 'utf8'),
    profile: values.profile,
    fragmentSeconds: Number(values.fragment),
    sources: values.source ?? ['v4l2src device=/dev/video0'],
    bucket: values.greengrass,
  });
  for (const { path, content, executable } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    chmodSync(target, executable ? 0o755 : 0o644);
  }
  ports.out(files.map(({ path }) => `${path}\n`).join(''));
  return ExitCode.NOTHING;
}

function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

function parsed(args: string[]) {
  return understood(DEVICE_KIT_USAGE, () =>
    parseArgs({
      args,
      allowPositionals: true,
      options: {
        profile: { type: 'string', default: '720p' },
        fragment: { type: 'string', default: `${FRAGMENT_SECONDS.default}` },
        source: { type: 'string', multiple: true },
        'telemetry-topic': { type: 'string' },
        greengrass: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }),
  );
}
