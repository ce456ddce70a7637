/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits */
const MAX_BYTES = 256;
const MAX_SLASHES = 7;

/** The segments that are mandatory in Basic Ingest are free. */
const BASIC_INGEST = /^\$aws\/rules\/([a-zA-Z0-9_]+)\//;

/** https://docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html */
const PUBLISHABLE =
  /^\$aws\/(rules\/[a-zA-Z0-9_]+\/.+|certificates\/(create|create-from-csr)\/(json|cbor)|provisioning-templates\/[^/]+\/provision\/(json|cbor)|things\/.+)$/;

/** Whether a message of this topic reaches who is subscribed to this filter. */
export function matchesFilter(filter: string, topic: string): boolean {
  // What begins with a wildcard is never meant for reserved topics.
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    // It stands for its parent too.
    if (level === '#') return levels.length >= index;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

/** The rule and the topic that it sees, of a message that goes past the broker. */
export function basicIngest(topic: string): { readonly rule: string; readonly topic: string } | undefined {
  const found = BASIC_INGEST.exec(topic);
  return found ? { rule: found[1], topic: topic.slice(found[0].length) } : undefined;
}

export function isTopicAllowed(topic: string): boolean {
  return isWithinLimits(topic.replace(BASIC_INGEST, '')) && (!topic.startsWith('$') || PUBLISHABLE.test(topic));
}

export function isFilterAllowed(filter: string): boolean {
  if (filter.startsWith('$') && (!filter.startsWith('$aws/') || filter.startsWith('$aws/rules/'))) return false;
  return isWithinLimits(filter);
}

function isWithinLimits(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_BYTES && text.split('/').length - 1 <= MAX_SLASHES;
}
