import type { Construct } from 'constructs';
import type { AlertTopic } from '../alert/alert-topic';
import type { ObstacleClass } from '../detection/obstacle-class';
import { checkFleetName, fail, lit } from './validation';
import { QueueWorker, type WorkQueue } from './work-queue';

export interface DetectorProps {
  readonly handler: 'field-watch' | 'image-detector' | 'label-events' | 'on-device-detections';
  readonly description: string;
  readonly work: WorkQueue;
  readonly fleetName: string;
  readonly obstacles: ObstacleClass[];
  readonly alerts: AlertTopic;
  /** What the handler has to know besides. @default - nothing */
  readonly environment?: Record<string, string>;
  /** @default - as many as Lambda gives */
  readonly maxConcurrency?: number;
}

/** A function that finds obstacles in what waits in a queue, and raises alerts. */
export class Detector extends QueueWorker {
  constructor(scope: Construct, id: string, props: DetectorProps) {
    super(scope, id, { ...props, environment: { ...props.environment, ...detectorEnvironment(scope, props) } });
    props.alerts._connect(this);
  }
}

/** What a detector knows, whatever feeds it. */
export function detectorEnvironment(
  scope: Construct,
  { fleetName, obstacles }: Pick<DetectorProps, 'fleetName' | 'obstacles'>,
): Record<string, string> {
  checkFleetName(scope, fleetName);
  return { FLEET_NAME: fleetName, OBSTACLES: JSON.stringify(renderObstacles(scope, obstacles)) };
}

/** The classes, as `obstacleClass` in lambda/common reads them. */
export function renderObstacles(scope: Construct, obstacles: ObstacleClass[]): object[] {
  if (obstacles.length === 0) fail(scope, lit`Obstacles`, '`obstacles` is empty; it needs at least one class.');
  const names = obstacles.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    fail(scope, lit`Obstacles`, `\`obstacles\` has two classes of one name: ${names.join(', ')}.`);
  }
  // Of the 4 KB that a function's environment may have.
  const rendered = obstacles.map((obstacle) => obstacle._render());
  const bytes = Buffer.byteLength(JSON.stringify(rendered));
  if (bytes > 2500) {
    fail(scope, lit`Obstacles`, `\`obstacles\` has ${bytes} bytes as JSON; 2500 are allowed. Use fewer labels.`);
  }
  return rendered;
}
