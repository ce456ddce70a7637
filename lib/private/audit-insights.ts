import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export interface AuditInsightsProps {
  /** What stands before the names. */
  readonly folder: string;
  /** Logs of functions that put on record whom they let watch and control. */
  readonly auditLogs: logs.ILogGroup[];
  /** The trail's own. @default - none */
  readonly trailLog?: logs.ILogGroup;
}

/** Stands for the device that is asked about, to be replaced where the query is run. */
const DEVICE = 'DEVICE';

/** Questions about what functions say of themselves, alone and together with what CloudTrail says of their calls. */
export function auditInsights(scope: Construct, { folder, auditLogs, trailLog }: AuditInsightsProps): void {
  const keep = (name: string, logGroups: logs.ILogGroup[], query: logs.QueryStringProps) =>
    // eslint-disable-next-line awscdk/require-passing-this -- both are the caller's
    new logs.QueryDefinition(scope, `Query-${name}`, {
      queryDefinitionName: `${folder}/${name}`,
      logGroups,
      queryString: new logs.QueryString({ sort: '@timestamp asc', limit: 1000, ...query }),
    });

  if (auditLogs.length > 0) {
    keep('granted-and-denied', auditLogs, {
      fields: ['@timestamp', 'message', 'sub', 'device', 'action', 'reason', 'until', 'camera', 'key', 'clientId'],
      filterStatements: ['message in ["Access granted", "Access denied"]', `device = "${DEVICE}"`],
    });
    keep('control', auditLogs, {
      fields: ['@timestamp', 'message', 'pilot', 'device', 'action', 'reason'],
      filterStatements: ['message in ["Control", "Control refused", "Command acknowledged"]', `device = "${DEVICE}"`],
    });
  }
  if (trailLog) {
    keep('calls', [trailLog, ...auditLogs], {
      fields: [
        '@timestamp',
        'coalesce(sub, pilot, userIdentity.arn) as who',
        'coalesce(eventName, action) as what',
        'coalesce(device, requestParameters.streamName, requestParameters.streamARN, requestParameters.channelARN, resources.0.ARN) as about',
        'coalesce(errorCode, message) as outcome',
        'sourceIPAddress',
      ],
      filterStatements: [
        'eventSource = "kinesisvideo.amazonaws.com" or message in ["Access granted", "Access denied", "Control"]',
        `about like "${DEVICE}"`,
      ],
    });
  }
}
