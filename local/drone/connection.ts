import { connect, type MqttClient } from 'mqtt';
import { backOff } from '../../console/src/back-off';

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface ConnectionProps extends Certificate {
  /** As `mqtts://localhost:8883`. */
  readonly url: string;
  /** Of the broker's certificate, as PEM. */
  readonly ca: string;
  readonly clientId: string;
  /** Each time that it wasn't opened, or was lost. */
  readonly onFailure?: (error: Error) => void;
}

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits */
const KEEP_ALIVE_SECONDS = 30;

/**
 * Connects with a certificate, and again whenever the connection is lost. What is published with QoS 1 meanwhile, or wasn't
 * acknowledged, is kept in memory, and sent when there is a connection again.
 */
export function openConnection({ url, ca, certificate, privateKey, clientId, onFailure }: ConnectionProps): MqttClient {
  let failures = 0;
  const client = connect(url, {
    clientId,
    ca,
    cert: certificate,
    key: privateKey,
    protocolVersion: 4,
    keepalive: KEEP_ALIVE_SECONDS,
    connectTimeout: 10_000,
    reconnectPeriod: backOff(0),
  });
  client.on('connect', () => (failures = 0));
  client.on('error', (error) => onFailure?.(error));
  client.on('close', () => {
    // Read when the client decides when to try again, which is after this.
    client.options.reconnectPeriod = backOff(failures++, { most: 120_000 });
    if (!client.disconnecting) onFailure?.(new Error('The connection to the broker was closed.'));
  });
  return client;
}
