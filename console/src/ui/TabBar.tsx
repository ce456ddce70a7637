import type { JSX } from 'preact';
import { alerts, openAlertsOf } from '../alerts/alerts';
import { useRoles } from '../session/use-roles';
import { services } from '../services';
import { useStore } from '../store';
import { Icon, type IconName } from './icons';
import { hashOf, route, type View } from './route';

const TABS: readonly { view: View; name: string; icon: IconName }[] = [
  { view: 'devices', name: 'Devices', icon: 'device' },
  { view: 'live', name: 'Live', icon: 'live' },
  { view: 'review', name: 'Review', icon: 'review' },
  { view: 'alerts', name: 'Alerts', icon: 'alerts' },
];

/** What small screens have instead of columns. */
export function TabBar(): JSX.Element {
  const { view, device } = useStore(route);
  const count = useStore(alerts, (now) => openAlertsOf(now));
  const mayWatch = useRoles('live') && services.config.live;
  return (
    <nav class="tabs" aria-label="Views">
      {TABS.filter((tab) => tab.view !== 'live' || mayWatch).map((tab) => {
        const needsDevice = tab.view === 'live' || tab.view === 'review';
        const isOff = needsDevice && device === undefined;
        return (
          <a
            key={tab.view}
            href={isOff ? undefined : hashOf({ device, view: tab.view })}
            role={isOff ? 'link' : undefined}
            aria-disabled={isOff ? 'true' : undefined}
            aria-current={view === tab.view ? 'page' : undefined}
          >
            <Icon name={tab.icon} />
            {tab.name}
            {tab.view === 'alerts' && count > 0 && (
              <span class="badge">
                {count}
                <span class="unseen"> open</span>
              </span>
            )}
          </a>
        );
      })}
    </nav>
  );
}
