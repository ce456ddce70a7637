/** What a rule looks at. */
export interface RuleMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly clientId?: string;
  readonly principal?: string;
  /** When it came, in milliseconds since 1970. */
  readonly timestamp: number;
}

export interface Statement {
  /** Of the topics, if there is one: it isn't needed in Basic Ingest. */
  readonly filter?: string;
  /** What actions get, or nothing if the message isn't meant. */
  select(message: RuleMessage): Buffer | undefined;
}

type Expression = (message: Read) => unknown;

/** A message whose payload was read; it is undefined if it isn't JSON. */
interface Read extends RuleMessage {
  readonly json: unknown;
}

/** What makes a statement one that isn't understood here. */
export class UnknownSql extends Error {}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|([a-zA-Z_][\w]*)|(<>|!=|<=|>=|[=<>().,*]))/y;

/**
 * The part of AWS IoT's SQL that rules of video fleets are made of: names of the payload, a few functions, comparisons.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
 *
 * @throws UnknownSql for anything else, rather than to guess
 */
export function compile(sql: string): Statement {
  const tokens = new Tokens(sql);
  tokens.take('SELECT');
  const columns = [column(tokens)];
  while (tokens.accept(',')) columns.push(column(tokens));
  const filter = tokens.accept('FROM') ? tokens.text() : undefined;
  const where = tokens.accept('WHERE') ? either(tokens) : () => true;
  tokens.end();
  const isAll = columns.length === 1 && columns[0] === ALL;

  return {
    filter,
    select: (message) => {
      const read = { ...message, json: parse(message.payload) };
      if (where(read) !== true) return undefined;
      // Whatever it is, JSON or not, it goes on as it came.
      if (isAll) return message.payload;
      return Buffer.from(JSON.stringify(Object.assign({}, ...columns.map((part) => part(read)))));
    },
  };
}

/**
 * A text with values of the message in `${}`. https://docs.aws.amazon.com/iot/latest/developerguide/iot-substitution-templates.html
 *
 * @throws UnknownSql for what isn't understood
 */
export function compileTemplate(text: string): (message: RuleMessage) => string {
  const parts = text.split(/\$\{([^}]*)\}/).map((part, index) => {
    if (index % 2 === 0) return constant(part);
    const tokens = new Tokens(part);
    const value = operand(tokens);
    tokens.end();
    return value;
  });
  return (message) => {
    const read = { ...message, json: parse(message.payload) };
    return parts.map((part) => part(read) ?? 'undefined').join('');
  };
}

const ALL: Expression = ({ json }) => json;

function column(tokens: Tokens): Expression {
  if (tokens.accept('*')) return ALL;
  const name = tokens.peekName();
  const value = operand(tokens);
  if (tokens.accept('AS')) {
    const alias = tokens.name();
    return (read) => ({ [alias]: value(read) });
  }
  if (name === undefined || tokens.last() === ')') throw new UnknownSql('A value without a name needs AS');
  const own = tokens.last();
  return (read) => ({ [own]: value(read) });
}

function either(tokens: Tokens): Expression {
  let left = both(tokens);
  while (tokens.accept('OR')) {
    const [one, other] = [left, both(tokens)];
    left = (read) => one(read) === true || other(read) === true;
  }
  return left;
}

function both(tokens: Tokens): Expression {
  let left = negation(tokens);
  while (tokens.accept('AND')) {
    const [one, other] = [left, negation(tokens)];
    left = (read) => one(read) === true && other(read) === true;
  }
  return left;
}

function negation(tokens: Tokens): Expression {
  if (!tokens.accept('NOT')) return comparison(tokens);
  const value = negation(tokens);
  return (read) => (typeof value(read) === 'boolean' ? !value(read) : undefined);
}

type Comparison = (one: never, other: never) => boolean;

const COMPARISONS: Record<string, Comparison> = {
  '=': (one, other) => one === other,
  '<>': (one, other) => one !== other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

function comparison(tokens: Tokens): Expression {
  if (tokens.accept('(')) {
    const inner = either(tokens);
    tokens.take(')');
    return inner;
  }
  const left = operand(tokens);
  const compare = COMPARISONS[tokens.peek()];
  if (!compare) return left;
  tokens.next();
  const right = operand(tokens);
  return (read) => {
    const [one, other] = [left(read), right(read)];
    // What isn't there is neither equal nor unequal to anything.
    return one === undefined || other === undefined ? undefined : compare(one as never, other as never);
  };
}

function operand(tokens: Tokens): Expression {
  const token = tokens.peek();
  if (token.startsWith("'")) return constant(tokens.text());
  if (/^\d/.test(token)) return constant(Number(tokens.next()));
  const name = tokens.name();
  if (/^(true|false)$/i.test(name)) return constant(/^true$/i.test(name));
  if (tokens.accept('(')) return call(name, tokens);
  const path = [name];
  while (tokens.accept('.')) path.push(tokens.name());
  return ({ json }) =>
    path.reduce((value: unknown, part) => (value as Record<string, unknown> | null | undefined)?.[part], json);
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html */
function call(name: string, tokens: Tokens): Expression {
  const close = <T>(value: T): T => {
    tokens.take(')');
    return value;
  };
  switch (name.toLowerCase()) {
    case 'topic': {
      if (tokens.accept(')')) return ({ topic }) => topic;
      const level = Number(tokens.next());
      if (!(level >= 1)) throw new UnknownSql('topic() takes the number of a level');
      return close(({ topic }: Read) => topic.split('/')[level - 1]);
    }
    case 'timestamp':
      return close(({ timestamp }: Read) => timestamp);
    case 'clientid':
      return close(({ clientId }: Read) => clientId ?? 'n/a');
    case 'principal':
      return close(({ principal }: Read) => principal);
    case 'encode':
      tokens.take('*');
      tokens.take(',');
      if (tokens.text() !== 'base64') throw new UnknownSql("encode() knows 'base64'");
      return close(({ payload }: Read) => payload.toString('base64'));
    default:
      throw new UnknownSql(`There is no function ${name}() here`);
  }
}

function constant(value: unknown): Expression {
  return () => value;
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}

class Tokens {
  private readonly all: string[] = [];
  private at = 0;

  constructor(sql: string) {
    TOKEN.lastIndex = 0;
    const source = sql.trimEnd();
    while (TOKEN.lastIndex < source.length) {
      const start = TOKEN.lastIndex;
      const found = TOKEN.exec(source);
      if (!found) throw new UnknownSql(`The statement is not understood from here on: ${source.slice(start)}`);
      this.all.push(found[0].trim());
    }
  }

  peek(): string {
    return this.all[this.at] ?? '';
  }

  peekName(): string | undefined {
    return /^[a-zA-Z_]/.test(this.peek()) ? this.peek() : undefined;
  }

  last(): string {
    return this.all[this.at - 1];
  }

  next(): string {
    return this.all[this.at++] ?? '';
  }

  accept(wanted: string): boolean {
    const isNext = this.peek().toUpperCase() === wanted;
    if (isNext) this.at++;
    return isNext;
  }

  take(wanted: string): void {
    if (!this.accept(wanted)) throw new UnknownSql(`${wanted} is expected instead of '${this.peek()}'`);
  }

  name(): string {
    if (this.peekName() === undefined) throw new UnknownSql(`A name is expected instead of '${this.peek()}'`);
    return this.next();
  }

  text(): string {
    if (!this.peek().startsWith("'")) throw new UnknownSql(`A text is expected instead of '${this.peek()}'`);
    return this.next().slice(1, -1).replaceAll("''", "'");
  }

  end(): void {
    if (this.at < this.all.length) throw new UnknownSql(`Nothing is expected after '${this.last()}'`);
  }
}
