import { spawnSync } from 'node:child_process';
import { debug } from './debug.ts';
import { EX, RiposteError } from './errors.ts';
import { findProgram } from './find-program.ts';
import { printable } from './printable.ts';

/** One run of a program, without a shell, so that no argument is interpreted. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** The text for its standard input. */
  readonly input?: string | undefined;
  /** True for a program that prints bytes: `stdout` is empty then. */
  readonly isBinary?: boolean | undefined;
  /** If a failure's message matches, the desired state existed already. */
  readonly tolerate?: RegExp | undefined;
}

/** The result of a program. `message` is the most informative line of its error output, or empty. */
export interface Result {
  readonly ok: boolean;
  readonly stdout: string;
  /** The output of a program that prints bytes, if it has succeeded. */
  readonly bytes?: Buffer | undefined;
  readonly stderr: string;
  readonly message: string;
}

/** Runs commands, or prints them in a dry run. */
export interface Executor {
  readonly dryRun: boolean;
  /** Runs a command that changes something. A failure is a result, not an exception. */
  run(command: Command): Result;
  /** Runs a command that only reads, also in a dry run. */
  look(command: Command): Result;
  /** Prints a remark between commands, in a dry run only. */
  remark(text: string): void;
  /** Edits a file by calling `edit`; a dry run prints `what` instead. */
  edit(what: string, edit: () => void): void;
}

/** The executor of a real run. @param timeout seconds that a program may take */
export function realExecutor(timeout: number, env: NodeJS.ProcessEnv): Executor {
  const run = (command: Command) => execute(command, timeout, env);
  return { dryRun: false, run, look: run, remark: () => {}, edit: (_, edit) => edit() };
}

/** The executor of a dry run: prints a line through `say` for each change that it would make. */
export function dryExecutor(timeout: number, env: NodeJS.ProcessEnv, say: (line: string) => void): Executor {
  return {
    dryRun: true,
    look: (command) => execute(command, timeout, env),
    run: ({ program, args, input = '' }) => {
      say(`would run: ${[program, ...args].join(' ')}`);
      for (const line of input.split('\n').filter((each) => each !== '')) say(`  | ${line}`);
      return { ok: true, stdout: '', stderr: '', message: '' };
    },
    remark: say,
    edit: (what) => say(`would ${what}`),
  };
}

/** The error for a failed command: the program's message, and the exit code for its kind of failure. */
export function commandError({ program }: Command, { message }: Result): RiposteError {
  const denied = /not permitted|permission denied|must be root|superuser|privileg|not authori[sz]ed/i.test(
    message,
  );
  const full = /no space left/i.test(message);
  return new RiposteError(denied ? EX.NOPERM : full ? EX.IOERR : EX.UNAVAILABLE, `${program}: ${message}`);
}

/** The error for a program that was killed at its time limit. @param timeout in seconds */
export const tooLong = (program: string, timeout: number): RiposteError =>
  new RiposteError(EX.TEMPFAIL, `${program} took longer than ${timeout} s (COMMAND_TIMEOUT) and was ended`);

/**
 * @throws RiposteError (UNAVAILABLE) when the program is missing, (TEMPFAIL) when it took too long: the caller
 * must then run no further commands
 */
function execute(
  { program, args, input, tolerate, isBinary }: Command,
  timeout: number,
  env: NodeJS.ProcessEnv,
): Result {
  const file = findProgram(program, env.PATH);
  // Never inherit stdout and stderr: under Wazuh a child that writes to ours would break the handshake.
  const { status, signal, error, ...printed } = spawnSync(file, args, {
    input: input ?? '',
    env: { PATH: env.PATH, LC_ALL: 'C' },
    cwd: '/',
    timeout: timeout * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024 * 1024,
  });
  const stderr = printed.stderr?.toString() ?? '';
  const stdout = (!isBinary && printed.stdout?.toString()) || '';
  const shown = isBinary ? `${printed.stdout?.length} bytes` : stdout;
  debug('command', () => ({ file, args, input, status, signal, stdout: shown, stderr, error }));
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') throw tooLong(program, timeout);
  // EPIPE: the program ended before reading all of its input; its status tells whether it succeeded.
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE')
    throw new RiposteError(EX.UNAVAILABLE, `cannot run ${file}: ${error.message}`, { cause: error });
  if (status === 0)
    return { ok: true, stdout, stderr, message: '', ...(isBinary && { bytes: printed.stdout }) };
  if (!signal) return failureOf({ stdout, stderr, end: `exit status ${status}`, tolerate });
  // Never tolerate the message of a killed program: the rest of its work is not done.
  const [said, end] = [errorLine(stderr, stdout), `ended by ${signal}`];
  return { ok: false, stdout, stderr, message: said ? `${said} (${end})` : end };
}

/**
 * Makes the result of a failed program.
 *
 * @param end how the program ended: the message if the program printed nothing
 */
export function failureOf({
  stdout,
  stderr,
  end,
  tolerate,
}: Pick<Result, 'stdout' | 'stderr'> & { end: string; tolerate?: RegExp | undefined }): Result {
  const message = errorLine(stderr, stdout) || end;
  return { ok: tolerate?.test(stderr.trim() || message) ?? false, stdout, stderr, message };
}

/**
 * The first line that mentions an error, else the first non-empty line. If that line ends in a colon, adds the next
 * line.
 */
function errorLine(stderr: string, stdout: string): string {
  const lines = `${stderr}\n${stdout}`.split('\n').flatMap((line) => line.trim() || []);
  const telling = lines.findIndex((line) => /error|not permitted|denied|failed|\[emerg\]/i.test(line));
  const first = Math.max(telling, 0);
  const count = lines[first]?.endsWith(':') ? 2 : 1;
  return printable(lines.slice(first, first + count).join(' '), 300);
}
