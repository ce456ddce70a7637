/**
 * What AWS IoT asks the hook of a provisioning template before it registers a device.
 * https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html
 */
export function hookInput(serialNumber: string, certificateId: string = CERTIFICATE_ID) {
  return {
    claimCertificateId: '3f1c0e9b5a7d24688e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f',
    certificateId,
    certificatePem: '-----BEGIN CERTIFICATE-----\nMIIDWTCCAkGgAwIBAgIUExample\n-----END CERTIFICATE-----\n',
    templateArn: 'arn:aws:iot:eu-west-1:111122223333:provisioningtemplate/fleet',
    clientId: 'claim-221a6d10-9c7f-42f1-9153-e52e6fc869c1',
    parameters: { SerialNumber: serialNumber },
  };
}

export const CERTIFICATE_ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90';
export const OTHER_CERTIFICATE_ID = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
