import { ServiceError } from './service-error';

export interface Update {
  readonly Key: { readonly operation: string };
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, number>;
}

/** A table of DynamoDB, as far as the pacer uses one: a number in each row, changed on a condition. */
export class PacerTable {
  private readonly rows = new Map<string, Record<string, number>>();

  update({ Key, UpdateExpression, ConditionExpression, ...placeholders }: Update) {
    const row = this.rows.get(Key.operation) ?? {};
    const valueOf = (operand: string): number | undefined =>
      placeholders.ExpressionAttributeValues[operand] ?? row[placeholders.ExpressionAttributeNames[operand]];
    if (!ConditionExpression.split(' OR ').some((condition) => holds(condition, valueOf))) {
      throw new ServiceError('ConditionalCheckFailedException');
    }
    const [, name, left, right] = parse(UpdateExpression, /^SET (\S+) = (\S+) \+ (\S+)$/);
    const attribute = placeholders.ExpressionAttributeNames[name];
    row[attribute] = valueOf(left)! + valueOf(right)!;
    this.rows.set(Key.operation, row);
    return { Attributes: { [attribute]: row[attribute] } };
  }
}

function holds(condition: string, valueOf: (operand: string) => number | undefined): boolean {
  const absent = /^attribute_not_exists\((\S+)\)$/.exec(condition);
  if (absent) return valueOf(absent[1]) === undefined;
  const [, left, operator, right] = parse(condition, /^(\S+) (<|>=) (\S+)$/);
  const [one, other] = [valueOf(left), valueOf(right)];
  // A comparison with what isn't there is false.
  if (one === undefined || other === undefined) return false;
  return operator === '<' ? one < other : one >= other;
}

function parse(expression: string, pattern: RegExp): RegExpExecArray {
  const match = pattern.exec(expression);
  if (!match) throw new Error(`The model of DynamoDB doesn't understand '${expression}'.`);
  return match;
}
