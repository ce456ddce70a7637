import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { AlertsPanel } from './alerts/AlertsPanel';
import { News } from './alerts/News';
import { ControlBar } from './control/ControlBar';
import { control } from './control/control';
import { DeviceList } from './devices/DeviceList';
import { DeviceView } from './devices/DeviceView';
import { session } from './session/session';
import { SignInScreen, Starting } from './session/SignInScreen';
import { startWork } from './work';
import { useStore } from './store';
import { Header } from './ui/Header';
import { route } from './ui/route';
import { TabBar } from './ui/TabBar';

export function App(): JSX.Element {
  const now = useStore(session);
  if (now.state === 'starting') return <Starting />;
  if (now.state === 'signedOut') return <SignInScreen reason={now.reason} />;
  return <Console key={now.sub} sub={now.sub} />;
}

function Console({ sub }: { sub: string }): JSX.Element {
  const { view, device } = useStore(route);
  const isInControl = useStore(control, ({ state }) => state === 'held');
  useEffect(() => startWork(sub), [sub]);
  return (
    <div class={`shell${isInControl ? ' in-control' : ''}`} data-view={view}>
      <Header />
      <ControlBar />
      <main class="columns">
        <DeviceList />
        <div class="centre">
          {device === undefined ? <NoDevice /> : <DeviceView key={device} device={device} view={view} />}
        </div>
        <AlertsPanel />
      </main>
      <TabBar />
      <News />
    </div>
  );
}

function NoDevice(): JSX.Element {
  return (
    <div class="empty">
      <h2>No device is open</h2>
      <p>Choose one of the list to watch it, or to see what it has recorded.</p>
    </div>
  );
}
