import type { Context } from 'aws-lambda';

// As `HandlerFunction` sets them. Powertools reads them once, so this file has to be imported before any handler.
process.env.POWERTOOLS_SERVICE_NAME = 'test-handler';
process.env.POWERTOOLS_METRICS_NAMESPACE = 'KinesisVideoFleet';

/** What of Lambda's context the logger reads. */
export const CONTEXT = {
  awsRequestId: '8c5f3e2a-6b0f-4a58-9a7e-0d6b1d0c9f11',
  functionName: 'Test-Handler',
  memoryLimitInMB: '256',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:Test-Handler',
} as Context;

export interface Written {
  readonly logs: Record<string, unknown>[];
  /** The values of each metric, as CloudWatch takes them from the log. */
  readonly metrics: Record<string, number[]>;
  readonly units: Record<string, string>;
}

/** Keeps what handlers write in the tests of a file, and gives what was written since the last look. */
export function captureOutput(): () => Written {
  const written: string[] = [];
  const spies: jest.SpyInstance[] = [];
  beforeEach(() => {
    written.length = 0;
    for (const stream of [process.stdout, process.stderr]) {
      spies.push(jest.spyOn(stream, 'write').mockImplementation((chunk) => Boolean(written.push(String(chunk)))));
    }
  });
  afterEach(() => {
    for (const spy of spies.splice(0)) spy.mockRestore();
  });
  return () => read(written.splice(0).join(''));
}

function read(text: string): Written {
  const logs: Record<string, unknown>[] = [];
  const metrics: Record<string, number[]> = {};
  const units: Record<string, string> = {};
  // Warnings of Node.js and the SDK are no JSON.
  for (const line of text.split('\n').filter((candidate) => candidate.startsWith('{'))) {
    const content = JSON.parse(line);
    if (!('_aws' in content)) {
      logs.push(content);
      continue;
    }
    for (const { name, unit, values } of valuesOf(content)) {
      metrics[name] = [...(metrics[name] ?? []), ...values];
      units[name] = unit;
    }
  }
  return { logs, metrics, units };
}

/** A line in CloudWatch's embedded metric format. */
interface EmbeddedMetrics {
  readonly [name: string]: unknown;
  readonly _aws: {
    readonly CloudWatchMetrics: {
      readonly Namespace: string;
      readonly Dimensions: string[][];
      readonly Metrics: { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

const OWN_DIMENSIONS: Record<string, string[]> = {
  PeopleWaiting: ['fleet', 'register'],
  PeoplePerOpenRegister: ['fleet'],
  RegistersMissing: ['fleet'],
  PieceInspected: ['fleet', 'line'],
  PieceFaulty: ['fleet', 'line'],
  AssetTemperature: ['fleet', 'asset'],
  AssetsInAlarm: ['fleet'],
  AssetsSilent: ['fleet'],
  AssetsLearning: ['fleet'],
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function valuesOf(line: EmbeddedMetrics): { name: string; unit: string; values: number[] }[] {
  return line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) => {
    // What alarms and dashboards look for; anywhere else nobody would see it.
    const names = Metrics.map(({ Name }) => Name);
    expect({ Namespace, Dimensions, service: line.service }).toEqual({
      Namespace: 'KinesisVideoFleet',
      // Those of a store or a plant, and of what is in it, which are as many as are configured.
      Dimensions: [['service', ...names.flatMap((name) => OWN_DIMENSIONS[name] ?? [])]],
      // Gates have one name for all functions that open them.
      service: Metrics.some(({ Name }) => /^(Gate|StreamBudget|FleetBudget)/.test(Name))
        ? 'motion-gate'
        : 'test-handler',
    });
    return Metrics.map(({ Name, Unit }) => {
      const values = [line[Name]].flat() as number[];
      if (!values.every(Number.isFinite)) throw new Error(`The metric ${Name} has no value in the line that names it.`);
      return { name: Name, unit: Unit, values };
    });
  });
}
