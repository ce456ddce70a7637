import type { Camera, Device } from './configuration';
import { PROFILES, type KitOptions } from './profile';

/** Where the certificate of a device is. It and the next are replaced by a shell, and by `edge.py`. */
export const CREDENTIALS = '${CREDENTIALS_DIRECTORY}';

/** Where the kit is. */
const KIT = '${KIT_DIRECTORY}';

/** The files that a device has its certificate in. */
export const CERTIFICATE_FILES = { certificate: 'device.pem', privateKey: 'device.key', ca: 'AmazonRootCA1.pem' };

/** How the log of the producer SDK is to be written: `edge.py` reads it. */
export const LOG_CONFIG = 'kvs-log.properties';

/** What waits to be sent, in MiB: 4 minutes at 4 Mbps. */
export const STORAGE_MEBIBYTES = 128;

/** What kvssink accepts, and nothing else: `video/x-h264` in this form, with the size known. */
const AVC = 'video/x-h264,stream-format=avc,alignment=au';

export function isRtsp(source: string): boolean {
  return /^rtsps?:\/\//.test(source);
}

/** Records all the time: a line for gst-launch-1.0. */
export function recordingPipeline(device: Device, camera: Camera, source: string, options: KitOptions): string[] {
  const pictures = isRtsp(source) ? rtsp(source) : [source, 'videoconvert', ...leaky(30), ...regular(options)];
  const encoded = isRtsp(source) ? ['h264parse', AVC] : encoder(options);
  return [...pictures, ...encoded, kvssink(device, camera, options)];
}

/**
 * Records while something moves: a valve before the encoder, which `edge.py` opens when `motioncells` sees motion in a small
 * copy of the pictures, five a second.
 */
export function gatedPipeline(device: Device, camera: Camera, source: string, options: KitOptions): string {
  const look = [
    'videorate drop-only=true max-rate=5',
    'videoscale',
    'video/x-raw,width=320,height=180',
    'videoconvert',
    'motioncells name=motion display=false sensitivity=0.8 threshold=0.01 minimummotionframes=2 gap=5',
    'fakesink sync=false',
  ];
  const branch = (...elements: string[]) => elements.join(' ! ');
  const [pictures, looking, recording] = isRtsp(source)
    ? [
        [...rtsp(source), 'h264parse'],
        ['queue', 'avdec_h264', ...leaky(5), 'videoconvert', ...look],
        ['queue', 'valve name=gate drop=true', 'h264parse', AVC],
      ]
    : [
        [source, 'videoconvert', 'video/x-raw,format=I420'],
        [...leaky(5), ...look],
        [...leaky(30), ...regular(options), 'valve name=gate drop=true', ...encoder(options)],
      ];
  return [
    branch(...pictures, 'tee name=pictures'),
    branch('pictures.', ...looking),
    branch('pictures.', ...recording, kvssink(device, camera, options)),
  ].join(' ');
}

function rtsp(url: string): string[] {
  return [`rtspsrc location="${url}" protocols=tcp latency=200`, 'rtph264depay'];
}

/** Where the rest can't follow, old pictures are lost and not new ones. */
function leaky(buffers: number): string[] {
  return [`queue leaky=downstream max-size-buffers=${buffers} max-size-bytes=0 max-size-time=0`];
}

/** As many pictures a second as the profile has, whatever was lost before: an encoder counts pictures, not seconds. */
function regular({ profile }: KitOptions): string[] {
  const { width, height, framesPerSecond } = PROFILES[profile];
  const size = `width=${width},height=${height}`;
  return [
    'videorate skip-to-first=true',
    'videoscale',
    `video/x-raw,format=I420,${size},framerate=${framesPerSecond}/1`,
  ];
}

/** A key frame begins each fragment, and none comes between: not where a scene changes either. */
function encoder({ profile, fragmentSeconds }: KitOptions): string[] {
  const { framesPerSecond, kilobitsPerSecond, h264 } = PROFILES[profile];
  const properties = [
    'name=encoder',
    `bitrate=${kilobitsPerSecond}`,
    `key-int-max=${framesPerSecond * fragmentSeconds}`,
    'bframes=0',
    'speed-preset=veryfast',
    'tune=zerolatency',
    'option-string=scenecut=0',
  ];
  return [`x264enc ${properties.join(' ')}`, `video/x-h264,profile=${h264}`, 'h264parse', AVC];
}

/**
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/examples-gstreamer-plugin-parameters.html
 *
 * The stream is made by the fleet, so the device needn't be allowed to, and its retention is the fleet's.
 */
function kvssink(device: Device, { stream }: Camera, { profile, fragmentSeconds }: KitOptions): string {
  const { framesPerSecond, kilobitsPerSecond } = PROFILES[profile];
  const properties = [
    'name=sink',
    `stream-name=${stream}`,
    `aws-region=${device.region}`,
    'allow-create-stream=false',
    `fragment-duration=${fragmentSeconds * 1000}`,
    'key-frame-fragmentation=true',
    `framerate=${framesPerSecond}`,
    `avg-bandwidth-bps=${kilobitsPerSecond * 1000}`,
    `storage-size=${STORAGE_MEBIBYTES}`,
    'buffer-duration=180',
    'max-latency=60',
    `log-config=${KIT}/${LOG_CONFIG}`,
    `iot-certificate="${iotCertificate(device)}"`,
  ];
  return `kvssink ${properties.join(' ')}`;
}

/**
 * All of them are marked as text: GStreamer would take the name `0001` for the number 1, and the SDK then has no credentials.
 * Without `iot-thing-name`, it takes the stream's name for the thing's.
 */
function iotCertificate({ thing, credentialEndpoint, roleAlias }: Device): string {
  const fields = {
    endpoint: credentialEndpoint,
    'cert-path': `${CREDENTIALS}/${CERTIFICATE_FILES.certificate}`,
    'key-path': `${CREDENTIALS}/${CERTIFICATE_FILES.privateKey}`,
    'ca-path': `${CREDENTIALS}/${CERTIFICATE_FILES.ca}`,
    'role-aliases': roleAlias,
    'iot-thing-name': thing,
  };
  return ['iot-certificate', ...Object.entries(fields).map(([name, value]) => `${name}=(string)${value}`)].join(',');
}
