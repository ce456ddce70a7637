import type { Api } from './api/client';
import type { Config } from './config';
import type { SignIn } from './session/session';

export interface Services {
  readonly config: Config;
  readonly api: Api;
  readonly signIn: SignIn;
}

/** Filled before anything is drawn. */
export const services = {} as { -readonly [name in keyof Services]: Services[name] };
