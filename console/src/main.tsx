import { render } from 'preact';
import { Api } from './api/client';
import { wordsOf } from './api/problem';
import { App } from './App';
import { loadConfig } from './config';
import { services } from './services';
import { SignIn } from './session/session';
import { Failure } from './session/SignInScreen';
import { listenToKeys } from './ui/keys';
import { followRoute } from './ui/route';
import { startTheme } from './ui/theme';

async function start(root: HTMLElement): Promise<void> {
  startTheme();
  try {
    const config = await loadConfig();
    const signIn = new SignIn(config);
    services.config = config;
    services.signIn = signIn;
    services.api = new Api({
      url: config.apiUrl,
      token: () => signIn.token(),
      onSignedOut: () => void signIn.refused(),
    });
    document.title = `${config.fleetName} · Pilot console`;
    render(<App />, root);
    await signIn.start();
    // The issuer's answer says where the person was.
    followRoute();
    listenToKeys();
  } catch (error) {
    render(<Failure words={wordsOf(error)} />, root);
  }
}

void start(document.getElementById('console')!);
