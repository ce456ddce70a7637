import { guard, GUARD_USAGE } from './guard/command';
import { ExitCode, UsageError, type Ports } from './ports';

/** Runs the command that the arguments name. */
export function main([command, ...args]: string[], ports: Ports): ExitCode {
  try {
    if (command === 'guard') return guard(args, ports);
    if (command !== '--help' && command !== '-h') throw new UsageError('There is one command: guard.', GUARD_USAGE);
    ports.out(GUARD_USAGE);
    return ExitCode.NOTHING;
  } catch (error) {
    // Whatever it was, nothing has been compared, and that must not look like "nothing found".
    const { message } = error as Error;
    ports.error(`${message}\n${error instanceof UsageError ? `\n${error.usage}` : ''}`);
    return ExitCode.NOT_COMPARED;
  }
}
