import { printable } from './printable.ts';

/** Exit codes of sysexits.h that Riposte uses; a manager or a script can tell the causes apart. */
export const EX = {
  OK: 0,
  /** The command line is wrong. */
  USAGE: 64,
  /** The message or the address in it is wrong. */
  DATAERR: 65,
  /** A required program or service is missing, or has refused the request. */
  UNAVAILABLE: 69,
  /** A defect in Riposte itself. */
  SOFTWARE: 70,
  /** The file or route cannot be created: an administrator's own route is in its place. */
  CANTCREAT: 73,
  /** A file could not be read or written: full disk, I/O error. */
  IOERR: 74,
  /** The same request may succeed later: a time limit has passed, or another process holds a lock. */
  TEMPFAIL: 75,
  /** Not enough privilege. */
  NOPERM: 77,
  /** riposte.conf or the allow list is wrong. */
  CONFIG: 78,
} as const;

export type ExitCode = (typeof EX)[keyof typeof EX];

/** The one error that Riposte throws on purpose: a message for a person and the exit code that goes with it. */
export class RiposteError extends Error {
  override readonly name = 'RiposteError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Wraps any other error as a defect of Riposte, with a message of one line for the log. */
export function asRiposteError(error: unknown): RiposteError {
  if (error instanceof RiposteError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const text = `a defect in Riposte: ${printable(message, 300)} (RIPOSTE_DEBUG=1 shows where)`;
  return new RiposteError(EX.SOFTWARE, text, { cause: error });
}

/** Returns the result of the work, or the error that it throws. */
export function attempt<T>(work: () => T): T | RiposteError {
  try {
    return work();
  } catch (error) {
    return asRiposteError(error);
  }
}
