// Before the library of certificates, which needs it.
import 'reflect-metadata';
import { createHash, generateKeyPair, randomBytes, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import * as x509 from '@peculiar/x509';

export interface Certificate {
  /** The SHA-256 fingerprint, as AWS IoT has it. */
  readonly id: string;
  readonly pem: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** That of certificates that AWS IoT makes. https://docs.aws.amazon.com/iot/latest/developerguide/device-certs-create.html */
const END = new Date('2049-12-31T23:59:59Z');
const SUBJECT = 'CN=AWS IoT Certificate';
const ISSUER = 'CN=Local AWS IoT';

/** A certificate authority that is made anew, and lives in memory. */
export async function createAuthority() {
  const { subtle } = webcrypto;
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notBefore = new Date(Date.now() - 60_000);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: ISSUER,
    notBefore,
    notAfter: END,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  const sign = async (subject: string, publicKey: x509.PublicKeyType, extensions: x509.Extension[]) =>
    x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: root.subject,
      notBefore,
      notAfter: END,
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ...extensions,
      ],
    });

  const forDevice = async (subject: string, publicKey: x509.PublicKeyType): Promise<Certificate> => {
    const usage = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
    const certificate = await sign(subject, publicKey, [usage]);
    return { id: fingerprint(Buffer.from(certificate.rawData)), pem: `${certificate.toString('pem')}\n` };
  };

  return {
    caPem: `${root.toString('pem')}\n`,

    /** Of a server on this machine, in PEM. */
    forServer: async (): Promise<{ cert: string; key: string }> => {
      const own = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const names = new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]);
      const certificate = await sign('CN=localhost', own.publicKey, [
        names,
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ]);
      const key = await subtle.exportKey('pkcs8', own.privateKey);
      return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
    },

    /** With a key that AWS IoT makes too. */
    withKeys: async (): Promise<Certificate & { readonly publicKey: string; readonly privateKey: string }> => {
      const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      });
      const imported = await subtle.importKey('spki', x509.PemConverter.decodeFirst(publicKey), RSA, true, ['verify']);
      return { ...(await forDevice(SUBJECT, imported)), publicKey, privateKey };
    },

    /** @returns nothing if the request is none, or isn't signed with its key */
    fromRequest: async (pem: string): Promise<Certificate | undefined> => {
      try {
        const request = new x509.Pkcs10CertificateRequest(pem);
        if (!(await request.verify())) return undefined;
        return await forDevice(request.subject, request.publicKey);
      } catch {
        return undefined;
      }
    },
  };
}

export type Authority = Awaited<ReturnType<typeof createAuthority>>;

function fingerprint(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

function serialNumber(): string {
  // Positive, and without zeros at its start.
  return `4${randomBytes(15).toString('hex').slice(1)}`;
}
