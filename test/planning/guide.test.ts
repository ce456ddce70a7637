import { readFileSync } from 'node:fs';
import { Duration } from 'aws-cdk-lib';
import { CHART, GUIDE, renderedGuide } from '../../docs/plan';
import { planChart } from '../../docs/plan-chart';
import { Bitrate, FleetPlan, PriceId, PriceList, VideoAnalysis, type FleetWorkload } from '../../lib';

const guide = readFileSync(GUIDE, 'utf8');

describe('the guide', () => {
  test('has the tables that its plans make (npm run docs)', () => {
    expect(renderedGuide(guide)).toBe(guide);
  });

  test('has the chart that its plans make (npm run docs)', () => {
    expect(planChart()).toBe(readFileSync(CHART, 'utf8'));
  });

  test('that has lost a mark is an error', () => {
    expect(() => renderedGuide(guide.replace('<!-- end of sample -->', ''))).toThrow(/has no <!-- sample -->/);
  });
});

describe('10,000 drones × 2 Mbps × 8 h', () => {
  const drones: FleetWorkload = {
    devices: 10_000,
    bitrate: Bitrate.megabitsPerSecond(2),
    streamingPerDay: Duration.hours(8),
  };
  const costOf = (plan: FleetPlan, id: PriceId) => plan.items.find((item) => item.id === id)?.cost ?? 0;

  test('are 72 TB a day, and not 7,200', () => {
    // 10^4 × 2 × 10^6 bits a second × 28,800 s ÷ 8 = 7.2 × 10^13 bytes
    expect(new FleetPlan(drones).mediaPerDay).toBe(72e12);
  });

  test('are 67,055 GB a day as AWS bills it, which cost $570 to take in', () => {
    expect(costOf(new FleetPlan(drones), PriceId.KVS_INGEST) / 30).toBeCloseTo((72e12 / 2 ** 30) * 0.0085, 6);
    expect(costOf(new FleetPlan(drones), PriceId.KVS_INGEST) / 30).toBeCloseTo(569.97, 2);
  });

  test('are $28,800 a day for stream processors at $0.0001 a second', () => {
    const prices = PriceList.forRegion('us-east-1').withPrice(PriceId.REKOGNITION_STREAM, 0.006);
    const plan = new FleetPlan({ ...drones, analysis: VideoAnalysis.STREAM_PROCESSORS }, { prices });
    // 10^4 × 28,800 s × $0.0001
    expect(costOf(plan, PriceId.REKOGNITION_STREAM) / 30).toBeCloseTo(28_800, 6);
  });

  test('make 3,333 images a second, of which a detector that is not told looks at 5', () => {
    const pace = new FleetPlan({ ...drones, imagesPerSecond: 5 }).quotas.find(({ id }) => id === 'imagePace');
    expect(pace).toMatchObject({ limit: 5, exceeded: true });
    expect(pace?.needed).toBeCloseTo(3333.33, 2);
  });
});
