import type { AlarmState } from './alarms';

/**
 * Whether the rule of a composite alarm holds.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 *
 * @param stateOf the state of an alarm by its name or ARN
 */
export function ruleHolds(rule: string, stateOf: (alarm: string) => AlarmState): boolean {
  const tokens = rule.match(/"[^"]*"|[a-zA-Z_]+|[()]|\S/g) ?? [];
  let at = 0;
  const expect = (token: string) => {
    if (tokens[at++] !== token) throw new Error(`The rule lacks '${token}': ${rule}`);
  };
  const either = (): boolean => {
    let holds = both();
    // Each side is read, whatever the other is.
    for (; tokens[at] === 'OR'; holds = both() || holds) at++;
    return holds;
  };
  const both = (): boolean => {
    let holds = one();
    for (; tokens[at] === 'AND'; holds = one() && holds) at++;
    return holds;
  };
  const one = (): boolean => {
    const token = tokens[at++];
    if (token === 'NOT') return !one();
    if (token === 'TRUE' || token === 'FALSE') return token === 'TRUE';
    if (token === '(') {
      const holds = either();
      expect(')');
      return holds;
    }
    if (!['ALARM', 'OK', 'INSUFFICIENT_DATA'].includes(token)) throw new Error(`The rule has '${token}': ${rule}`);
    expect('(');
    const alarm = tokens[at++].replace(/^"|"$/g, '');
    expect(')');
    return stateOf(alarm) === token;
  };
  const holds = either();
  if (at < tokens.length) throw new Error(`The rule goes on with '${tokens[at]}': ${rule}`);
  return holds;
}
