import { LOG_CONFIG, STORAGE_MEBIBYTES, CERTIFICATE_FILES, gatedPipeline, isRtsp } from './pipeline';
import type { Device } from './configuration';
import { greengrassRecipe } from './greengrass';
import { FRAGMENT_SECONDS, type KitOptions } from './profile';
import { recordingScript, watchingScript } from './script';
import { UNITS } from './unit';

/** A file of a kit. */
export interface KitFile {
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}

/** What else a kit is made of. */
export interface KitParts extends KitOptions {
  /** `edge.py`. */
  readonly program: string;
  /** Where artifacts of Greengrass are, if there is to be a component. */
  readonly bucket?: string;
}

/** How often producers are told of, as `ProducerTelemetry` has it unless one says otherwise. */
const TELEMETRY_SECONDS = 60;

/** The figures are logged as DEBUG, with the first word of a line: https://github.com/log4cplus/log4cplus */
const LOG_SETTINGS = [
  'log4cplus.rootLogger=DEBUG, Output',
  'log4cplus.appender.Output=log4cplus::ConsoleAppender',
  'log4cplus.appender.Output.ImmediateFlush=true',
  'log4cplus.appender.Output.layout=log4cplus::PatternLayout',
  'log4cplus.appender.Output.layout.ConversionPattern=%-5p %m%n',
  '',
];

/** Where the shared libraries of the SDKs are. */
const ENVIRONMENT = ['GST_PLUGIN_PATH=/opt/kvs/plugins', 'LD_LIBRARY_PATH=/opt/kvs/lib', ''];

/**
 * All that a device needs beside the two SDKs and its certificate.
 *
 * @throws Error when the sources or the length of fragments are none that a device can have
 */
export function deviceKit(device: Device, { program, bucket, ...options }: KitParts): KitFile[] {
  check(device, options);
  const cameras = device.cameras.map((camera, index) => ({ camera, source: options.sources[index] }));
  const scripts = cameras.flatMap(({ camera, source }) => [
    script(`record-${camera.stream}.sh`, recordingScript(device, camera, source, options)),
    ...(camera.channel ? [script(`watch-${camera.channel}.sh`, watchingScript(device, camera, source))] : []),
  ]);
  const edge = {
    thing: device.thing,
    motionTopic: device.motionTopic,
    telemetryTopic: device.telemetryTopic,
    telemetrySeconds: TELEMETRY_SECONDS,
    storageSize: STORAGE_MEBIBYTES * 1024 * 1024,
    mqtt: { host: device.dataEndpoint, port: 8883, ...CERTIFICATE_FILES },
    cameras: cameras.map(({ camera, source }) => ({
      camera: camera.name,
      stream: camera.stream,
      pipeline: gatedPipeline(device, camera, source, options),
    })),
  };
  return [
    ...scripts,
    script('edge.py', program),
    file('edge.json', `${JSON.stringify(edge, undefined, 2)}\n`),
    file(LOG_CONFIG, LOG_SETTINGS.join('\n')),
    file('kvs.env', ENVIRONMENT.join('\n')),
    ...Object.entries(UNITS).map(([name, content]) => file(`systemd/${name}`, content)),
    ...(bucket ? [file('greengrass/recipe.yaml', greengrassRecipe(device, bucket))] : []),
  ];
}

function check({ cameras }: Device, { sources, fragmentSeconds }: KitOptions): void {
  const { min, max } = FRAGMENT_SECONDS;
  if (!Number.isInteger(fragmentSeconds) || fragmentSeconds < min || fragmentSeconds > max) {
    throw new Error(`A fragment has ${min} to ${max} whole seconds, and not ${fragmentSeconds}`);
  }
  if (sources.length !== cameras.length) {
    throw new Error(
      `The device has ${cameras.length} cameras (${cameras.map(({ stream }) => stream).join(', ')}), and ${sources.length} sources are given`,
    );
  }
  const unusable = sources.find((source) => (isRtsp(source) ? /[\s"'\\$]/ : /["'\\$`\n]/).test(source));
  if (unusable !== undefined) throw new Error(`The source ${unusable} has characters that a pipeline can't have`);
}

function file(path: string, content: string): KitFile {
  return { path, content, executable: false };
}

function script(path: string, content: string): KitFile {
  return { path, content, executable: true };
}
