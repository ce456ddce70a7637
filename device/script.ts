import type { Camera, Device } from './configuration';
import { CERTIFICATE_FILES, CREDENTIALS, isRtsp, recordingPipeline } from './pipeline';
import type { KitOptions } from './profile';

const HEADER = ['#!/bin/sh', 'set -eu', `: "\${CREDENTIALS_DIRECTORY:=/etc/kvs}" "\${KIT_DIRECTORY:=/opt/kvs}"`];

/** Records a camera all the time, with nothing but GStreamer and kvssink. */
export function recordingScript(device: Device, camera: Camera, source: string, options: KitOptions): string {
  const elements = recordingPipeline(device, camera, source, options);
  return [
    ...HEADER,
    '',
    // Ends what is sent well when it is stopped.
    'exec gst-launch-1.0 -e \\',
    elements.map((element) => `  ${shellWords(element)}`).join(' ! \\\n'),
    '',
  ].join('\n');
}

/**
 * Serves a camera's channel, with the sample of the WebRTC SDK in C that takes its pictures from GStreamer. The names of the
 * variables are those of its `samples/Samples.h`.
 */
export function watchingScript(device: Device, { channel }: Camera, source: string): string {
  const variables = {
    AWS_DEFAULT_REGION: device.region,
    AWS_IOT_CORE_CREDENTIAL_ENDPOINT: device.credentialEndpoint,
    AWS_IOT_CORE_ROLE_ALIAS: device.roleAlias,
    AWS_IOT_CORE_THING_NAME: device.thing,
    AWS_IOT_CORE_CERT: `${CREDENTIALS}/${CERTIFICATE_FILES.certificate}`,
    AWS_IOT_CORE_PRIVATE_KEY: `${CREDENTIALS}/${CERTIFICATE_FILES.privateKey}`,
    AWS_KVS_CACERT_PATH: `${CREDENTIALS}/${CERTIFICATE_FILES.ca}`,
    // Warnings.
    AWS_KVS_LOG_LEVEL: '4',
  };
  const from = isRtsp(source) ? `rtspsrc ${shellWord(source)}` : 'devicesrc';
  return [
    ...HEADER,
    '',
    ...Object.entries(variables).map(([name, value]) => `export ${name}="${value}"`),
    `exec kvsWebrtcClientMasterGstSample ${channel} video-only ${from}`,
    '',
  ].join('\n');
}

/** The words of an element, each quoted for a shell where it must be; gst-launch-1.0 takes words as they are. */
function shellWords(element: string): string {
  const words = element.match(/[^\s"]*"[^"]*"|\S+/g) ?? [];
  return words.map((word) => shellWord(word.replaceAll('"', ''))).join(' ');
}

function shellWord(word: string): string {
  if (/^[\w./:=,+@%-]+$/.test(word)) return word;
  // Of variables, there are those of the header.
  if (/\$\{[A-Z_]+\}/.test(word)) return `"${word}"`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
