import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { openAlertsOf } from '../alerts/alerts';
import { alerts } from '../alerts/alerts';
import { useNow } from '../ui/use-now';
import { session } from '../session/session';
import { useStore } from '../store';
import { ageOf } from '../ui/format';
import { Icon } from '../ui/icons';
import { hashOf, route } from '../ui/route';
import type { Device } from './devices';
import { HEALTH_WORDS, healthOf } from './health';
import { watchDevice } from './watch';

export function HealthMark({ device }: { device: Device | undefined }): JSX.Element {
  const now = useNow(1000);
  const health = healthOf(device?.streams, device?.lastReceivedAt, now);
  const since = health.state === 'silent' && health.since !== undefined ? ` ${ageOf(now - health.since)}` : '';
  return (
    <span class={`health ${health.state}`}>
      <Icon name={health.state} />
      {HEALTH_WORDS[health.state]}
      {since}
    </span>
  );
}

export function DeviceRow({ device }: { device: Device }): JSX.Element {
  const { name, control } = device;
  const isOpen = useStore(route, ({ device: open }) => open === name);
  const count = useStore(alerts, (state) => openAlertsOf(state, name));
  const sub = useStore(session, (now) => (now.state === 'signedIn' ? now.sub : undefined));
  const row = useRef<HTMLLIElement>(null);

  useEffect(() => {
    let stop: (() => void) | undefined;
    const observer = new IntersectionObserver(([entry]) => {
      stop?.();
      stop = entry.isIntersecting ? watchDevice(name) : undefined;
    });
    observer.observe(row.current!);
    return () => {
      observer.disconnect();
      stop?.();
    };
  }, [name]);

  return (
    <li ref={row}>
      <a class="device" href={hashOf({ device: name, view: 'live' })} aria-current={isOpen ? 'page' : undefined}>
        <span class="device-name">{name}</span>
        {count > 0 && (
          <span class="badge">
            {count}
            <span class="unseen"> open {count === 1 ? 'alert' : 'alerts'}</span>
          </span>
        )}
        <span class="device-facts">
          <HealthMark device={device} />
          {control && (
            <span class="holder" title={control.holder}>
              <Icon name="control" />
              {control.holder === sub ? 'You are in control' : 'In control: another pilot'}
            </span>
          )}
        </span>
      </a>
    </li>
  );
}
