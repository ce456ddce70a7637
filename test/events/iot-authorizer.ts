export interface MqttConnect {
  readonly clientId?: string;
  readonly username?: string;
  /** Is sent as it is; the function gets it in base64. */
  readonly password?: string;
}

/**
 * What AWS IoT hands to the function of a custom authorizer when a browser connects by MQTT over WebSocket.
 * https://docs.aws.amazon.com/iot/latest/developerguide/custom-auth-lambda.html
 */
export function authorizerEvent({ clientId, username, password }: MqttConnect) {
  return {
    signatureVerified: false,
    protocols: ['tls', 'http', 'mqtt'],
    protocolData: {
      tls: { serverName: 'a0123456789abc-ats.iot.eu-west-1.amazonaws.com' },
      http: {
        headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'mqtt', origin: 'https://console.example.com' },
        queryString: '?',
      },
      mqtt: { username, password: password && Buffer.from(password).toString('base64'), clientId },
    },
    connectionMetadata: { id: '8c5f3e2a-6b0f-4a58-9a7e-0d6b1d0c9f11' },
  };
}
