/** What AWS IoT takes from an authorizer. https://docs.aws.amazon.com/iot/latest/developerguide/custom-auth-lambda.html */
export const MAX_POLICIES = 10;
export const MAX_CHARACTERS = 2048;

/** What of a device viewers hear. */
const SUFFIXES = ['detections', 'alerts'];

export interface Messages {
  /** How ARNs of AWS IoT begin: `arn:aws:iot:<region>:<account>`. */
  readonly arnPrefix: string;
  readonly topicPrefix: string;
  readonly clientId: string;
  readonly devices: readonly string[];
}

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: string[];
  readonly Resource: string[];
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: Statement[];
}

/**
 * Lets one client connect, and hear of these devices, each by its name: no wildcard, since names begin with each other.
 *
 * A device takes four ARNs of its name and the prefix, and a policy has room for 1900 characters of them or so. So 25
 * devices fit whose names and prefix have about 115 characters together.
 *
 * @returns the policies, or nothing if AWS IoT would not take as much
 */
export function viewerPolicies({ arnPrefix, topicPrefix, clientId, devices }: Messages): Policy[] | undefined {
  const connect: Statement = {
    Effect: 'Allow',
    Action: ['iot:Connect'],
    Resource: [`${arnPrefix}:client/${clientId}`],
  };
  const policies: Policy[] = [policy(connect)];
  let resources: string[] = [];
  for (const resource of devices.flatMap((device) => resourcesOf(device, topicPrefix, arnPrefix))) {
    const [last] = policies.slice(-1);
    const before = resources.length === 0 ? last.Statement : last.Statement.slice(0, -1);
    const extended = policy(...before, hear([...resources, resource]));
    if (JSON.stringify(extended).length <= MAX_CHARACTERS) {
      policies[policies.length - 1] = extended;
      resources.push(resource);
    } else {
      policies.push(policy(hear([resource])));
      resources = [resource];
    }
  }
  return policies.length <= MAX_POLICIES ? policies : undefined;
}

/** To subscribe is to a filter, and to receive is from a topic. */
function resourcesOf(device: string, topicPrefix: string, arnPrefix: string): string[] {
  return SUFFIXES.flatMap((suffix) =>
    ['topicfilter', 'topic'].map((kind) => `${arnPrefix}:${kind}/${topicPrefix}/${device}/${suffix}`),
  );
}

function hear(Resource: string[]): Statement {
  return { Effect: 'Allow', Action: ['iot:Subscribe', 'iot:Receive'], Resource };
}

function policy(...statements: Statement[]): Policy {
  return { Version: '2012-10-17', Statement: statements };
}
