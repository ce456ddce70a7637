import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ControlPanel } from '../control/ControlPanel';
import { LiveView } from '../live/LiveView';
import { ReviewView } from '../review/ReviewView';
import { services } from '../services';
import { useRoles } from '../session/use-roles';
import { useStore } from '../store';
import { hashOf, type View } from '../ui/route';
import { devices, findDevice } from './devices';
import { HealthMark } from './DeviceRow';

export function DeviceView({ device, view }: { device: string; view: View }): JSX.Element {
  const { config } = services;
  const known = useStore(devices, ({ byName }) => byName.get(device));
  const mayWatch = useRoles('live') && config.live;
  const [camera, setCamera] = useState<string | undefined>(config.cameras[0]);
  const [refusal, setRefusal] = useState<string>();
  const isReview = view === 'review' || !mayWatch;

  useEffect(() => {
    void findDevice(device).then(setRefusal);
  }, [device]);

  if (refusal !== undefined && !known) {
    return (
      <div class="empty" role="alert">
        <h2>{device} can’t be opened</h2>
        <p>{refusal}</p>
      </div>
    );
  }
  return (
    <section class="device-view" aria-labelledby="device-title">
      <header class="device-head">
        <h2 id="device-title">{device}</h2>
        <HealthMark device={known} />
        {config.cameras.length > 1 && (
          <label class="camera">
            Camera
            <select value={camera} onChange={({ currentTarget }) => setCamera(currentTarget.value)}>
              {config.cameras.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <nav class="switch" aria-label={`Views of ${device}`}>
          {mayWatch && (
            <a href={hashOf({ device, view: 'live' })} aria-current={isReview ? undefined : 'page'}>
              Live
            </a>
          )}
          <a href={hashOf({ device, view: 'review' })} aria-current={isReview ? 'page' : undefined}>
            Review
          </a>
        </nav>
      </header>
      {isReview ? (
        <ReviewView key={camera} device={device} camera={camera} />
      ) : (
        <LiveView key={camera} device={device} camera={camera} />
      )}
      {config.control && <ControlPanel device={device} />}
    </section>
  );
}
