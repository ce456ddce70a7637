/**
 * What the rule for detections makes of a message: `topic(2) AS device, encode(*, 'base64') AS content`.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
 */
export function ruleOutput(device: string, payload: string | Uint8Array) {
  return { device, content: Buffer.from(payload).toString('base64') };
}
