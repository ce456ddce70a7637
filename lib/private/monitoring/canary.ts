import type { Canary } from '../../monitoring/canary';
import { PERIOD, graph } from './metrics';
import type { Section } from './watch';

/** Whether what a camera sends is kept, shown, seen and told of. */
export function canarySection(canary: Canary): Section {
  const steps = ['Media', 'Playback', 'Image', 'Alert'];
  return {
    title: 'Canary',
    widgets: [
      graph(
        'Steps of the canary that failed',
        steps.map((step) => canary.metric(`${step}Failed`, { period: PERIOD, label: step })),
      ),
      graph(
        'How long they take, in milliseconds',
        steps.map((step) => canary.metric(`${step}Latency`, { period: PERIOD, label: step })),
      ),
    ],
    alarms: [canary.alarm],
  };
}
