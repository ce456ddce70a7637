import { deviceKitCommand, DEVICE_KIT_USAGE } from './device-kit/command';
import { guard, GUARD_USAGE } from './guard/command';
import { ExitCode, UsageError, type Ports } from './ports';

const COMMANDS: Record<string, (args: string[], ports: Ports) => ExitCode> = {
  guard,
  'device-kit': deviceKitCommand,
};

const USAGE = `${GUARD_USAGE}\n${DEVICE_KIT_USAGE}`;

/** Runs the command that the arguments name. */
export function main([command = '', ...args]: string[], ports: Ports): ExitCode {
  try {
    if (Object.hasOwn(COMMANDS, command)) return COMMANDS[command](args, ports);
    if (command !== '--help' && command !== '-h') {
      throw new UsageError(`There are the commands ${Object.keys(COMMANDS).join(' and ')}.`, USAGE);
    }
    ports.out(USAGE);
    return ExitCode.NOTHING;
  } catch (error) {
    // Whatever it was, nothing has been compared or written, and that must not look like "nothing found".
    const { message } = error as Error;
    ports.error(`${message}\n${error instanceof UsageError ? `\n${error.usage}` : ''}`);
    return ExitCode.NOT_COMPARED;
  }
}
