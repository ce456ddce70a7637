import { ASSUMED } from '../assumptions';
import { amount, time } from '../format';
import type { Load } from '../load';
import { PriceId } from '../price-id';
import { sum, type Usage } from './usage';

/** AWS IoT: devices and consoles that are connected, and what they tell. */
export function iotUsage(load: Load): Usage[] {
  const { devices, streamingPerDay, messagesPerHour, basicIngest, viewers, newDevicesPerMonth } = load.workload;
  const deviceMinutes = load.streamSeconds / load.workload.camerasPerDevice / 60;
  const heard = (load.liveSeconds / 3600) * messagesPerHour;
  const published = `${amount(devices)} devices × ${time(streamingPerDay)} × 30 days × ${amount(messagesPerHour)} an hour`;
  return [
    sum(PriceId.IOT_CONNECTIVITY, 'Connected to AWS IoT', [
      ['devices', deviceMinutes, `${amount(devices)} devices × ${time(streamingPerDay)} × 30 days`],
      ['consoles', load.liveSeconds / 60, `${amount(viewers)} viewers × ${time(load.workload.livePerDay)} × 30 days`],
    ]),
    sum(PriceId.IOT_MESSAGES, 'Messages through the broker', [
      ['devices', basicIngest ? 0 : load.messages, published],
      [
        'consoles',
        load.workload.onDeviceDetection && !basicIngest ? heard : 0,
        `${amount(viewers)} viewers, each hears one device`,
      ],
    ]),
    { price: PriceId.IOT_RULES, name: 'Rules set off', amount: load.messages, formula: published },
    { price: PriceId.IOT_ACTIONS, name: 'Actions of rules', amount: load.messages, formula: published },
    {
      price: PriceId.IOT_REGISTRY,
      name: 'Calls of the registry',
      amount: newDevicesPerMonth * ASSUMED.registryCallsPerDevice,
      formula: `${amount(newDevicesPerMonth)} new devices × ${ASSUMED.registryCallsPerDevice}`,
    },
  ];
}
