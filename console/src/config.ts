/** What the deployment tells the console, as `/config.json`. */
export interface Config {
  readonly fleetName: string;
  /** Empty where the API is of the same origin. */
  readonly apiUrl: string;
  readonly region: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  readonly rolesClaim: string;
  /** Where Cognito ends its own session. */
  readonly signOutUrl?: string;
  readonly cameras: readonly string[];
  readonly live: boolean;
  readonly sessionSeconds: number;
  readonly messages?: { readonly url: string; readonly authorizer: string; readonly topicPrefix: string };
  readonly control?: { readonly commands?: readonly string[] };
  readonly alerts: boolean;
}

const NEEDED = ['fleetName', 'issuer', 'clientId', 'scope'] as const;

export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-store' });
  if (!response.ok) throw new Error(`The console's configuration can't be read (${response.status}).`);
  const config = (await response.json()) as Config;
  const missing = NEEDED.filter((name) => typeof config[name] !== 'string');
  if (missing.length > 0) throw new Error(`The console's configuration lacks ${missing.join(', ')}.`);
  return { ...config, apiUrl: (config.apiUrl ?? '').replace(/\/$/, ''), cameras: config.cameras ?? [] };
}
