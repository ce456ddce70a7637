import { Duration } from 'aws-cdk-lib';
import { FleetPlan, VideoAnalysis, type FleetWorkload } from '../lib';
import { MOTION_SHARE } from '../lib/planning/levers';

/** Ways to run the fleet of `docs/plan.md`, of any size. */
const WAYS: [name: string, colour: string, workload: Omit<FleetWorkload, 'devices'>][] = [
  ['every image analysed', '#b3261e', {}],
  ['images analysed on motion', '#9a5b00', { analysedShare: MOTION_SHARE }],
  ['models on the devices only', '#00639b', { analysis: VideoAnalysis.NONE }],
  [
    'the same, streaming on motion',
    '#146c2e',
    { analysis: VideoAnalysis.NONE, streamingPerDay: Duration.hours(8 * MOTION_SHARE) },
  ],
];

const BOX = { width: 860, height: 460, left: 70, right: 270, top: 40, bottom: 50 };
/** Powers of ten. */
const DEVICES = { from: 2, to: 5 };
const DOLLARS = { from: 1, to: 8 };
const STEPS = 12;

const x = (power: number) => scale(power, DEVICES, BOX.left, BOX.width - BOX.right);
const y = (power: number) => scale(power, DOLLARS, BOX.height - BOX.bottom, BOX.top);

/** Cost in a month against the size of the fleet, both by powers of ten. The same bytes each time. */
export function planChart(): string {
  const powers = Array.from(
    { length: (DEVICES.to - DEVICES.from) * STEPS + 1 },
    (_, step) => DEVICES.from + step / STEPS,
  );
  const costs = WAYS.map(([, , workload]) =>
    powers.map((power) => Math.log10(new FleetPlan({ ...workload, devices: Math.round(10 ** power) }).total)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${BOX.width} ${BOX.height}" font-family="sans-serif" font-size="13" role="img">`,
    '<title>Cost in a month against the size of the fleet</title>',
    `<rect width="${BOX.width}" height="${BOX.height}" fill="#fff"/>`,
    text(
      BOX.left,
      22,
      'US dollars in a month, for devices that stream 8 hours a day at 2 Mbps',
      'start',
      '#1b1b1f',
      'bold',
    ),
    ...gridOf(DOLLARS).flatMap((power) => [
      line(BOX.left, y(power), BOX.width - BOX.right, y(power)),
      text(BOX.left - 8, y(power) + 4, `$${short(power)}`, 'end'),
    ]),
    ...gridOf(DEVICES).flatMap((power) => [
      line(x(power), BOX.top, x(power), BOX.height - BOX.bottom),
      text(x(power), BOX.height - BOX.bottom + 20, short(power), 'middle'),
    ]),
    text((BOX.left + BOX.width - BOX.right) / 2, BOX.height - 10, 'devices', 'middle'),
    ...WAYS.flatMap(([name, colour], way) => {
      const points = powers.map((power, step) => `${x(power).toFixed(1)},${y(costs[way][step]).toFixed(1)}`);
      const last = y(costs[way][powers.length - 1]);
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
        text(BOX.width - BOX.right + 8, last + 4, name, 'start', colour),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}

function gridOf({ from, to }: typeof DEVICES): number[] {
  return Array.from({ length: to - from + 1 }, (_, step) => from + step);
}

function scale(power: number, { from, to }: typeof DEVICES, start: number, end: number): number {
  return start + ((power - from) / (to - from)) * (end - start);
}

function short(power: number): string {
  const thousands = ['', 'k', 'M'][Math.floor(power / 3)];
  return `${10 ** (power % 3)}${thousands}`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="#dcdce2"/>`;
}

function text(left: number, top: number, content: string, anchor: string, fill = '#46464f', weight = 'normal'): string {
  return `<text x="${left.toFixed(1)}" y="${top.toFixed(1)}" text-anchor="${anchor}" fill="${fill}" font-weight="${weight}">${content}</text>`;
}
