import { hookInput } from './provisioning-hook';

/** The certificates of a device in the order in which it gets them. */
export const [FIRST, SECOND, THIRD] = ['a', 'b', 'c'].map((digit) => digit.repeat(64));

/** Made for these tests; its key is lost. */
export const CERTIFICATE_PEM = `-----BEGIN CERTIFICATE-----
MIIBIzCBygIBATAKBggqhkjOPQQDAjAeMRwwGgYDVQQDDBNBV1MgSW9UIENlcnRp
ZmljYXRlMB4XDTI2MTEyNDEwMDAwMFoXDTQ5MTIzMTIzNTk1OVowHjEcMBoGA1UE
AwwTQVdTIElvVCBDZXJ0aWZpY2F0ZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BDM0LKHhw8GgUmMafKvhIUXYkBpB57dZej31069MJwgedGSWe8pT7zcshW73mCNc
3SmR0j+xCwq3iyuniBo5q3cwCgYIKoZIzj0EAwIDSAAwRQIhAOGRKwqyIVe3vCWV
1TSQR9sABFHgamGyIHAQHlK67noIAiBwIuyyJa8BjpyQb6nMk7KJkdSspjyIIP4a
wxysIN3sgQ==
-----END CERTIFICATE-----
`;

/** When it expires, as all do that AWS IoT signs itself. */
export const CERTIFICATE_EXPIRES_AT = '2049-12-31T23:59:59.000Z';

/** What AWS IoT asks the hook when the thing, connected with one certificate, wants the next. */
export function rotationInput(serialNumber: string, current: string, next: string) {
  return {
    ...hookInput(serialNumber, next),
    claimCertificateId: current,
    certificatePem: CERTIFICATE_PEM,
    templateArn: 'arn:aws:iot:eu-west-1:111122223333:provisioningtemplate/rotation',
    clientId: serialNumber,
  };
}

/**
 * What the rule makes of a confirmation: `topic(2) AS thingName, principal() AS certificateId`.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
 */
export function confirmation(thingName: string, certificateId: string): string {
  return JSON.stringify({ thingName, certificateId });
}
