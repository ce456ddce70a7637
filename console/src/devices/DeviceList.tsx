import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useStore } from '../store';
import { go } from '../ui/route';
import { DeviceRow } from './DeviceRow';
import { devices, findDevice, loadDevices } from './devices';

export function DeviceList(): JSX.Element {
  const { byName, nextToken, isLoading, isLoaded, problem } = useStore(devices);
  const [filter, setFilter] = useState('');
  const [refusal, setRefusal] = useState<string>();

  const wanted = filter.trim().toLowerCase();
  const shown = [...byName.values()].filter(({ name }) => name.toLowerCase().includes(wanted));

  async function open(event: Event): Promise<void> {
    event.preventDefault();
    const exact = byName.get(filter.trim())?.name;
    const name = exact ?? (shown.length === 1 ? shown[0].name : filter.trim());
    if (name === '') return;
    const why = await findDevice(name);
    setRefusal(why);
    if (why === undefined) go({ device: name, view: 'live' });
  }

  return (
    <nav class="panel devices" aria-labelledby="devices-title">
      <header class="panel-head">
        <h2 id="devices-title">Devices</h2>
        <span class="count">
          {byName.size}
          {nextToken !== undefined && '+'}
        </span>
      </header>
      <form class="find" role="search" onSubmit={(event) => void open(event)}>
        <label class="unseen" for="device-filter">
          Filter or open by name
        </label>
        <input
          id="device-filter"
          type="search"
          autocomplete="off"
          spellcheck={false}
          placeholder="Filter or open"
          value={filter}
          aria-describedby={refusal ? 'device-refusal' : undefined}
          onInput={({ currentTarget }) => {
            setFilter(currentTarget.value);
            setRefusal(undefined);
          }}
        />
        <button type="submit" disabled={wanted === ''}>
          Open
        </button>
      </form>
      {refusal && (
        <p id="device-refusal" class="note bad" role="alert">
          {refusal}
        </p>
      )}
      {problem && (
        <p class="note bad" role="alert">
          {problem}{' '}
          <button type="button" class="link" onClick={() => void loadDevices()}>
            Try again
          </button>
        </p>
      )}
      <ul class="device-list">
        {shown.map((device) => (
          <DeviceRow key={device.name} device={device} />
        ))}
      </ul>
      {isLoaded && shown.length === 0 && (
        <p class="note">
          {wanted === ''
            ? 'There is no device that you may see.'
            : 'No device of this list. Press Enter to open one by its full name.'}
        </p>
      )}
      {isLoading && (
        <p class="note" role="status">
          Loading devices …
        </p>
      )}
      {nextToken !== undefined && !isLoading && (
        <button type="button" class="more" onClick={() => void loadDevices()}>
          Load more devices
        </button>
      )}
    </nav>
  );
}
