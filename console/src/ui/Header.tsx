import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { feed } from '../alerts/messages';
import { sound, toggleSound } from '../alerts/sound';
import { services } from '../services';
import { session } from '../session/session';
import { useStore } from '../store';
import { Help } from './Help';
import { Icon } from './icons';
import { useShortcut } from './keys';
import { theme, toggleTheme } from './theme';

export function Header(): JSX.Element {
  const name = useStore(session, (now) => (now.state === 'signedIn' ? now.name : ''));
  const roles = useStore(session, (now) => (now.state === 'signedIn' ? now.roles.join(', ') : ''));
  const isDark = useStore(theme) === 'dark';
  const isLoud = useStore(sound);
  const [isHelping, setHelping] = useState(false);
  useShortcut(['?'], () => setHelping(true));
  return (
    <header class="top">
      <h1 class="brand">
        <Icon name="device" />
        <span class="brand-name">{services.config.fleetName}</span>
        <span class="unseen">, pilot console</span>
      </h1>
      <Connection />
      <div class="top-tools">
        <button type="button" class="tool" aria-pressed={isLoud} title="Sound of critical alerts" onClick={toggleSound}>
          <Icon name={isLoud ? 'sound' : 'mute'} />
          <span class="unseen">Sound</span>
        </button>
        <button type="button" class="tool" title={isDark ? 'Light theme' : 'Dark theme'} onClick={toggleTheme}>
          <Icon name={isDark ? 'sun' : 'moon'} />
          <span class="unseen">{isDark ? 'Light theme' : 'Dark theme'}</span>
        </button>
        <button type="button" class="tool" title="Help (?)" onClick={() => setHelping(true)}>
          <Icon name="help" />
          <span class="unseen">Help</span>
        </button>
        <span class="user" title={roles}>
          {name}
        </span>
        <button type="button" class="quiet sign-out" onClick={() => void services.signIn.signOut()}>
          <Icon name="out" />
          <span class="sign-out-word">Sign out</span>
        </button>
      </div>
      {isHelping && <Help onClose={() => setHelping(false)} />}
    </header>
  );
}

const WORDS = {
  off: 'Alerts every 15 s',
  connecting: 'Connecting',
  connected: 'Alerts live',
  broken: 'Alerts not live',
} as const;

function Connection(): JSX.Element {
  const { state, left, refused } = useStore(feed);
  const isOnline = useOnline();
  const kind = isOnline ? state : 'broken';
  const deaf = left + refused.length;
  return (
    <p class={`connection ${kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      {isOnline ? WORDS[state] : 'No network'}
      {isOnline && state === 'connected' && deaf > 0 && `, but not of ${deaf} ${deaf === 1 ? 'device' : 'devices'}`}
    </p>
  );
}

function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const read = () => setOnline(navigator.onLine);
    addEventListener('online', read);
    addEventListener('offline', read);
    return () => {
      removeEventListener('online', read);
      removeEventListener('offline', read);
    };
  }, []);
  return isOnline;
}
