import { parseArgs } from 'node:util';
import { ExitCode, understood, UsageError, type Ports } from '../ports';
import { judge, readAllowFile } from './allow';
import { readStacks } from './assembly';
import { compare } from './compare';
import { FORMATS, REPORTS } from './report';

export const GUARD_USAGE = `Usage: cdk-kinesis-video guard OLD NEW [--allow FILE] [--format text|markdown|json]

Compares two cloud assemblies (cdk.out) or two templates, and fails when something that holds
state would be destroyed, replaced, orphaned, less protected or kept for a shorter time.

  --allow FILE     what is accepted: a JSON array of {stack, resource, what, reason, until?}
  --format FORMAT  text (the default), markdown for a comment, or json

Exit code: 0 nothing was found, 1 something was, 2 nothing could be compared.
`;

/**
 * Compares the state in two assemblies.
 *
 * @throws Error when they can't be compared
 */
export function guard(args: string[], ports: Ports): ExitCode {
  const { old, head, allow, format } = parse(args);
  if (!old || !head) {
    ports.out(GUARD_USAGE);
    return ExitCode.NOTHING;
  }
  const entries = allow === undefined ? [] : readAllowFile(allow);
  const judgement = judge(compare(readStacks(old), readStacks(head, old)), entries, ports.today);
  ports.out(REPORTS[format](judgement));
  return judgement.findings.length > 0 ? ExitCode.FINDINGS : ExitCode.NOTHING;
}

interface Arguments {
  readonly old?: string;
  readonly head?: string;
  readonly allow?: string;
  readonly format: string;
}

function parse(args: string[]): Arguments {
  const { positionals, values } = parsed(args);
  const { allow, format, help } = values;
  if (help) return { format };
  if (positionals.length !== 2) {
    throw new UsageError(`Two assemblies are compared, and ${positionals.length} are given.`, GUARD_USAGE);
  }
  if (!FORMATS.includes(format)) throw new UsageError(`There is no format '${format}'.`, GUARD_USAGE);
  const [old, head] = positionals;
  return { old, head, allow, format };
}

function parsed(args: string[]) {
  return understood(GUARD_USAGE, () =>
    parseArgs({
      args,
      allowPositionals: true,
      options: {
        allow: { type: 'string' },
        format: { type: 'string', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }),
  );
}
