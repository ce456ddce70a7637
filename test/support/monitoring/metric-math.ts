/** A value of a metric in each of some periods, the latest last; undefined where there is none. */
export type Values = readonly (number | undefined)[];

/** What a name stands for in an expression. */
export type Lookup = (name: string) => Values;

/**
 * The value of an expression in each period, as CloudWatch has it: of what is missing nothing can be made but by FILL, and
 * nothing can be divided by zero.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function evaluate(expression: string, lookup: Lookup, periods: number): Values {
  const compute = new Parser(tokens(expression)).parse();
  return Array.from({ length: periods }, (_, index) => compute((name) => lookup(name)[index]));
}

type Value = number | undefined;
type Compute = (valueOf: (name: string) => Value) => Value;

function tokens(expression: string): string[] {
  const found = expression.match(/\d+(\.\d+)?|[a-zA-Z_]\w*|[<>=!]=|[-+*/^()<>,]|\S/g) ?? [];
  return found;
}

const FUNCTIONS: Record<string, (values: Value[]) => Value> = {
  IF: ([condition, yes, no]) => (condition === undefined ? undefined : condition !== 0 ? yes : no),
  FILL: ([value, instead]) => value ?? instead,
  ABS: ([value]) => present(value, Math.abs),
  MAX: (values) => most(values, Math.max),
  MIN: (values) => most(values, Math.min),
  SUM: (values) => most(values, (...numbers) => numbers.reduce((sum, each) => sum + each, 0)),
  // The series of a metric's quota is given under its name.
  SERVICE_QUOTA: ([value]) => value,
};

const OPERATORS: Record<string, (one: number, other: number) => Value> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => (other === 0 ? undefined : one / other),
  '^': (one, other) => one ** other,
  '>': (one, other) => Number(one > other),
  '<': (one, other) => Number(one < other),
  '>=': (one, other) => Number(one >= other),
  '<=': (one, other) => Number(one <= other),
  '==': (one, other) => Number(one === other),
  '!=': (one, other) => Number(one !== other),
};

/** From the weakest to the strongest. */
const LEVELS = [['>', '<', '>=', '<=', '==', '!='], ['+', '-'], ['*', '/'], ['^']];

class Parser {
  private at = 0;

  constructor(private readonly tokens: string[]) {}

  parse(): Compute {
    const compute = this.level(0);
    if (this.at < this.tokens.length) throw new Error(`Unexpected '${this.tokens[this.at]}' in an expression.`);
    return compute;
  }

  private level(level: number): Compute {
    if (level === LEVELS.length) return this.atom();
    let left = this.level(level + 1);
    while (LEVELS[level].includes(this.tokens[this.at])) {
      const operator = OPERATORS[this.tokens[this.at++]];
      const [one, other] = [left, this.level(level + 1)];
      left = (valueOf) => both(one(valueOf), other(valueOf), operator);
    }
    return left;
  }

  private atom(): Compute {
    const token = this.tokens[this.at++];
    if (token === '(') return this.closed(this.level(0));
    if (token === '-') {
      const negated = this.atom();
      return (valueOf) => present(negated(valueOf), (value) => -value);
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[a-zA-Z_]/.test(token ?? '')) throw new Error(`Unexpected '${token}' in an expression.`);
    if (this.tokens[this.at] !== '(') return (valueOf) => valueOf(token);
    this.at++;
    const call = FUNCTIONS[token];
    if (!call) throw new Error(`The function '${token}' isn't known here.`);
    const parameters = [this.level(0)];
    while (this.tokens[this.at] === ',') {
      this.at++;
      parameters.push(this.level(0));
    }
    return this.closed((valueOf) => call(parameters.map((parameter) => parameter(valueOf))));
  }

  private closed(compute: Compute): Compute {
    if (this.tokens[this.at++] !== ')') throw new Error('A parenthesis is missing in an expression.');
    return compute;
  }
}

function present(value: Value, map: (value: number) => number): Value {
  return value === undefined ? undefined : map(value);
}

function both(one: Value, other: Value, map: (one: number, other: number) => Value): Value {
  return one === undefined || other === undefined ? undefined : map(one, other);
}

function most(values: Value[], map: (...values: number[]) => number): Value {
  const numbers = values.filter((value) => value !== undefined);
  return numbers.length === 0 ? undefined : map(...numbers);
}
