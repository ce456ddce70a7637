import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isNamed } from '../common/errors';

/** For how long secrets are remembered, in milliseconds: shorter than anybody lets an old one be valid. */
const REMEMBERED = 60_000;

/** The current secret, and the one before it while it is known. */
export class Secrets {
  private known?: { readonly values: string[]; readonly until: number };

  constructor(
    private readonly ports: {
      readonly secretsManager: SecretsManagerClient;
      readonly secretArn: string;
      readonly now: () => number;
    },
  ) {}

  async values(): Promise<string[]> {
    const now = this.ports.now();
    if (this.known && now < this.known.until) return this.known.values;
    const current = await this.value('AWSCURRENT');
    if (!current) throw new Error('The secret of the webhook has no current version.');
    const previous = await this.value('AWSPREVIOUS');
    const values = previous && previous !== current ? [current, previous] : [current];
    this.known = { values, until: now + REMEMBERED };
    return values;
  }

  private async value(VersionStage: string): Promise<string | undefined> {
    const { secretsManager, secretArn: SecretId } = this.ports;
    try {
      return (await secretsManager.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
    } catch (error) {
      // Before the first rotation there is no previous one.
      if (VersionStage !== 'AWSCURRENT' && isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }
}
