/** What a command has of the world beside files. */
export interface Ports {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly today: Date;
}

export enum ExitCode {
  NOTHING = 0,
  FINDINGS = 1,
  NOT_COMPARED = 2,
}

/** The command was called in a way that it doesn't know. */
export class UsageError extends Error {
  constructor(
    message: string,
    public readonly usage: string,
  ) {
    super(message);
  }
}

/** What the arguments say. @throws UsageError when they can't be understood */
export function understood<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError((error as Error).message, usage);
  }
}
