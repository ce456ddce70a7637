import { InMemoryWebStorage, UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import type { Config } from '../config';
import { createStore } from '../store';

export type Session =
  | { readonly state: 'starting' }
  | { readonly state: 'signedOut'; readonly reason?: string }
  | { readonly state: 'signedIn'; readonly sub: string; readonly name: string; readonly roles: readonly string[] };

export const session = createStore<Session>({ state: 'starting' });

/** Signs in by the code flow with PKCE, and keeps tokens for as long as the tab is there. */
export class SignIn {
  private readonly users: UserManager;
  private renewal: Promise<User | null> | undefined;

  constructor(private readonly config: Config) {
    const store = new WebStorageStateStore({ store: window.sessionStorage ?? new InMemoryWebStorage() });
    this.users = new UserManager({
      authority: config.issuer,
      client_id: config.clientId,
      redirect_uri: `${location.origin}/`,
      post_logout_redirect_uri: `${location.origin}/`,
      response_type: 'code',
      scope: config.scope,
      userStore: store,
      stateStore: store,
      automaticSilentRenew: true,
      loadUserInfo: false,
      monitorSession: false,
    });
    this.users.events.addUserLoaded((user) => this.show(user));
    this.users.events.addSilentRenewError(() => this.checkExpiry());
    this.users.events.addAccessTokenExpired(() => this.end('Your session is over.'));
  }

  /** Takes up a session that is there already, or the issuer's answer. */
  async start(): Promise<void> {
    try {
      if (isAnswer(new URLSearchParams(location.search))) {
        const user = await this.users.signinCallback();
        const back = typeof user?.state === 'string' ? user.state : '';
        history.replaceState(null, '', `/${back.startsWith('#') ? back : ''}`);
        return user ? this.show(user) : this.end();
      }
      const user = await this.users.getUser();
      if (user && !user.expired) return this.show(user);
      if (user?.refresh_token) return this.show(await this.users.signinSilent());
      this.end();
    } catch (error) {
      history.replaceState(null, '', '/');
      this.end(`Signing in failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async signIn(): Promise<void> {
    try {
      await this.users.signinRedirect({ state: location.hash });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.end(`The sign-in page of ${new URL(this.config.issuer).host} can’t be reached: ${why}`);
    }
  }

  async signOut(): Promise<void> {
    const { signOutUrl, clientId } = this.config;
    // Without it the refresh token would stay good; that it can't be revoked must keep nobody signed in here.
    await this.users.revokeTokens(['refresh_token']).catch(() => undefined);
    await this.users.removeUser();
    this.end('You have signed out.');
    if (!signOutUrl) return;
    const parameters = new URLSearchParams({ client_id: clientId, logout_uri: `${location.origin}/` });
    location.assign(`${signOutUrl}?${parameters}`);
  }

  /** The ID token, renewed if it is over. */
  async token(): Promise<string | undefined> {
    const user = await this.users.getUser();
    if (user && !user.expired) return user.id_token;
    if (!user?.refresh_token) return undefined;
    // Many ask at once, and a refresh token may be good for one use only.
    this.renewal ??= this.users
      .signinSilent()
      .catch(() => null)
      .finally(() => (this.renewal = undefined));
    return (await this.renewal)?.id_token;
  }

  /** The API doesn't take the token. */
  async refused(): Promise<void> {
    if (session.get().state !== 'signedIn') return;
    await this.users.removeUser();
    this.end('Your session is over. Sign in again.');
  }

  private async checkExpiry(): Promise<void> {
    const user = await this.users.getUser();
    if (!user || user.expired) this.end('Your session could not be renewed. Sign in again.');
  }

  private show(user: User | null): void {
    if (!user) return this.end();
    const { profile } = user;
    const claimed = profile[this.config.rolesClaim ?? 'cognito:groups'];
    const roles = Array.isArray(claimed)
      ? claimed.map(String)
      : typeof claimed === 'string'
        ? claimed.split(/[\s,]+/)
        : [];
    const name = profile.email ?? profile.preferred_username ?? profile.name ?? profile.sub;
    const current = session.get();
    // A renewed token seldom says anything new; what is drawn should stay then.
    if (current.state === 'signedIn' && current.sub === profile.sub && current.roles.join() === roles.join()) return;
    session.set({ state: 'signedIn', sub: profile.sub, name, roles });
  }

  private end(reason?: string): void {
    session.set((current) => (current.state === 'signedOut' && !reason ? current : { state: 'signedOut', reason }));
  }
}

/** Whether the page was opened by the issuer, with a code or with why there is none. */
function isAnswer(parameters: URLSearchParams): boolean {
  return parameters.has('state') && (parameters.has('code') || parameters.has('error'));
}
