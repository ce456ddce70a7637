import { MEDIA_READS, MEDIA_WRITES } from './media-calls';

export interface AuditSqlContext {
  readonly database: string;
  readonly table: string;
  /** The ARNs of roles that viewers are given for live video; names of their sessions say who. */
  readonly viewerRoles: string[];
  /** The ARNs of roles whose use of media is expected: functions that let people watch, and analysers. */
  readonly readerRoles: string[];
  /** The names of buckets with images and clips. */
  readonly buckets: string[];
}

export interface AuditQuery {
  readonly name: string;
  readonly description: string;
  readonly sql: string;
}

const DAYS = '`?` 1 and 2 are the first and the last day, as yyyy/MM/dd';
const DEVICE = "`?` 3 is the device, or '*'";

/**
 * The questions of an auditor. Days come first, since they are what limits how much is read.
 *
 * Only what Trino and Athena have is used here, of which tests can run all but the catalog with another engine.
 */
export function auditQueries(context: AuditSqlContext): AuditQuery[] {
  const { viewerRoles, readerRoles, buckets } = context;
  const media = mediaCalls(context);
  const queries = [
    {
      name: 'who-watched',
      description: `Who got media of a device, and by which call; a role's session is named after the viewer where live video is watched. ${DAYS}; ${DEVICE}.`,
      sql: `${media}
SELECT eventtime, ${who(viewerRoles)} AS who, eventname, media, sourceipaddress, useragent, errorcode, caller, requestid
FROM calls
WHERE eventname IN (${list(MEDIA_READS)}) AND ? IN (device, '*')
ORDER BY eventtime`,
    },
    {
      name: 'who-sent',
      description: `Which certificates sent media of a device: a session that the credentials provider of AWS IoT gives is named after the certificate. ${DAYS}; ${DEVICE}.`,
      sql: `${media}
SELECT device, media, eventname, regexp_extract(session_name, '^[0-9a-f]{64}$') AS certificate_id, caller,
  count(*) AS calls, count(DISTINCT sourceipaddress) AS addresses, min(eventtime) AS first_call, max(eventtime) AS last_call
FROM calls
WHERE eventname IN (${list(MEDIA_WRITES)}) AND ? IN (device, '*') AND errorcode IS NULL
GROUP BY device, media, eventname, session_name, caller
ORDER BY device, first_call`,
    },
    {
      name: 'reads-outside-sessions',
      description: `Who got media without a session of a viewer: everybody but the functions that let people watch, the roles of viewers, and the roles that are known to read. ${DAYS}.`,
      sql: `${media}
SELECT eventtime, caller, eventname, media, sourceipaddress, useragent, invoked_by
FROM calls
WHERE eventname IN (${list(MEDIA_READS)}) AND errorcode IS NULL
  AND coalesce(role, caller, '') NOT IN (${list([...viewerRoles, ...readerRoles, 'nobody'])})
ORDER BY eventtime`,
    },
    {
      name: 'denied',
      description: `Who was denied media, or a change of it. ${DAYS}.`,
      sql: `${media}
SELECT eventtime, caller, eventname, media, sourceipaddress, useragent, errorcode, errormessage
FROM calls
WHERE errorcode LIKE '%AccessDenied%' OR errorcode LIKE '%NotAuthorized%'
ORDER BY eventtime`,
    },
    {
      name: 'changes',
      description: `Who made, changed and deleted streams and channels, retention included. Needs management events. ${DAYS}; ${DEVICE}.`,
      sql: `${media}
SELECT eventtime, caller, eventname, media, requestparameters, errorcode, sourceipaddress
FROM calls
WHERE (eventname LIKE 'Create%' OR eventname LIKE 'Delete%' OR eventname LIKE 'Update%' OR eventname LIKE 'Untag%')
  AND ? IN (device, '*')
ORDER BY eventtime`,
    },
    {
      name: 'key-use',
      description: `Who used keys, and how often. Needs all management events; without those of KMS there are only changes of keys. ${DAYS}.`,
      sql: `SELECT (element_at(resources, 1)).arn AS key_arn, eventname, useridentity.arn AS caller, useridentity.invokedby AS invoked_by,
  errorcode, count(*) AS calls, min(eventtime) AS first_call, max(eventtime) AS last_call
FROM ${from(context)}
WHERE day BETWEEN ? AND ? AND eventsource = 'kms.amazonaws.com'
GROUP BY (element_at(resources, 1)).arn, eventname, useridentity.arn, useridentity.invokedby, errorcode
ORDER BY key_arn, calls DESC`,
    },
  ];
  if (buckets.length === 0) return queries;
  return [
    ...queries,
    {
      name: 'downloads',
      description: `Who fetched or deleted images and clips. A link works in the name of the function that made it: the log of the function says for whom, by the same \`key\`. ${DAYS}.`,
      sql: `SELECT eventtime, eventname, json_extract_scalar(requestparameters, '$.bucketName') AS bucket,
  json_extract_scalar(requestparameters, '$.key') AS object_key, useridentity.arn AS caller, sourceipaddress, useragent, errorcode
FROM ${from(context)}
WHERE day BETWEEN ? AND ? AND eventsource = 's3.amazonaws.com'
  AND json_extract_scalar(requestparameters, '$.bucketName') IN (${list(buckets)})
  AND (eventname LIKE 'Get%' OR eventname LIKE 'Delete%' OR eventname LIKE 'Copy%' OR eventname LIKE 'Select%')
ORDER BY eventtime`,
    },
  ];
}

/**
 * The calls of Kinesis Video Streams within the days, with the device that each is about. A request names its stream in
 * one of several ways; where it doesn't, the resources of the event do. What follows a dot is the camera.
 */
function mediaCalls(context: AuditSqlContext): string {
  const parameter = (name: string) => `json_extract_scalar(requestparameters, '$.${name}')`;
  const arns = ['streamARN', 'channelARN', 'resourceARN'].map(parameter).join(', ');
  return `WITH named AS (
  SELECT *, coalesce(
    ${parameter('streamName')}, ${parameter('channelName')},
    regexp_extract(
      coalesce(${arns}, (element_at(resources, 1)).arn),
      ':(?:stream|channel)/([^/]+)', 1
    )
  ) AS media
  FROM ${from(context)}
  WHERE day BETWEEN ? AND ? AND trim(eventsource) = 'kinesisvideo.amazonaws.com'
), calls AS (
  SELECT eventtime, eventname, media, split_part(media, '.', 1) AS device,
    useridentity.arn AS caller, useridentity.invokedby AS invoked_by,
    useridentity.sessioncontext.sessionissuer.arn AS role,
    regexp_extract(useridentity.arn, '[^/]+$') AS session_name,
    sourceipaddress, useragent, errorcode, errormessage, requestparameters, requestid
  FROM named
)`;
}

/** The viewer, as far as CloudTrail knows: of a function that people watch through, its own log says for whom it called. */
function who(viewerRoles: string[]): string {
  if (viewerRoles.length === 0) return 'session_name';
  return `CASE WHEN role IN (${list(viewerRoles)}) THEN regexp_replace(session_name, '^viewer-', '') ELSE session_name END`;
}

function from({ database, table }: AuditSqlContext): string {
  return `"${database}"."${table}"`;
}

function list(values: string[]): string {
  return values.map((value) => `'${value}'`).join(', ');
}
