import { spawnSync } from 'node:child_process';
import { EX, RiposteError } from '../errors.ts';
import { printable } from '../printable.ts';
import { findProgram } from './find-program.ts';

/** One run of a program: no shell, so an argument is an argument whatever is in it. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads on standard input. */
  readonly input?: string | undefined;
  /** A failure whose message matches means that things are as they should be already. */
  readonly tolerate?: RegExp | undefined;
}

/** What a program did. `message` is the one line of its complaint that tells most, empty when it made none. */
export interface Result {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly message: string;
}

/** Runs commands, or in a dry run only says them. */
export interface Executor {
  readonly dryRun: boolean;
  /** Runs what changes something. A failure is a result, not an exception. */
  run(command: Command): Result;
  /** Runs what only looks: in a dry run too. */
  look(command: Command): Result;
  /** Says something between commands, in a dry run. */
  remark(text: string): void;
  /** Edits a file, by `edit`; `what` says how, for a dry run. */
  edit(what: string, edit: () => void): void;
}

/** The executor of a real run. @param timeout seconds that a program may take */
export function realExecutor(timeout: number, env: NodeJS.ProcessEnv): Executor {
  const run = (command: Command) => execute(command, timeout, env);
  return { dryRun: false, run, look: run, remark: () => {}, edit: (_, edit) => edit() };
}

/** The executor that prints, with a line for `say` for each thing that it would do. */
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

/** The error for a command that failed: what the program said, and the exit code for its kind of failure. */
export function commandError({ program }: Command, { message }: Result): RiposteError {
  const denied = /not permitted|permission denied|must be root|superuser|privileg|not authori[sz]ed/i.test(
    message,
  );
  const full = /no space left/i.test(message);
  return new RiposteError(denied ? EX.NOPERM : full ? EX.IOERR : EX.UNAVAILABLE, `${program}: ${message}`);
}

/** The error for a program that was ended as it took too long. @param timeout in seconds */
export const tooLong = (program: string, timeout: number): RiposteError =>
  new RiposteError(EX.TEMPFAIL, `${program} took longer than ${timeout} s (COMMAND_TIMEOUT) and was ended`);

/**
 * @throws RiposteError (UNAVAILABLE) when there is no such program, (TEMPFAIL) when it took too long: neither
 * is a word of the program's own, on which a plan could go on
 */
function execute(
  { program, args, input, tolerate }: Command,
  timeout: number,
  env: NodeJS.ProcessEnv,
): Result {
  const file = findProgram(program, env.PATH);
  // stdout and stderr are pipes of our own: under Wazuh a child that writes to ours would spoil the handshake.
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, {
    input: input ?? '',
    env: { PATH: env.PATH, LC_ALL: 'C' },
    cwd: '/',
    encoding: 'utf8',
    timeout: timeout * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024 * 1024,
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') throw tooLong(program, timeout);
  // EPIPE: it ended without reading all of its input; its status tells whether that was right.
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE')
    throw new RiposteError(EX.UNAVAILABLE, `cannot run ${file}: ${error.message}`);
  if (status === 0) return { ok: true, stdout, stderr, message: '' };
  if (!signal) return failureOf({ stdout, stderr, end: `exit status ${status}`, tolerate });
  // Nothing is tolerated: behind what it has said there may be more that it has not done.
  const [said, end] = [complaint(stderr, stdout), `ended by ${signal}`];
  return { ok: false, stdout, stderr, message: said ? `${said} (${end})` : end };
}

/** What a program that failed has said. @param end how it ended, for one that has said nothing */
export function failureOf({
  stdout,
  stderr,
  end,
  tolerate,
}: Pick<Result, 'stdout' | 'stderr'> & { end: string; tolerate?: RegExp | undefined }): Result {
  const message = complaint(stderr, stdout) || end;
  return { ok: tolerate?.test(stderr.trim() || message) ?? false, stdout, stderr, message };
}

/** The first line that tells of an error, or else the first with words; after a colon, with the next line. */
function complaint(stderr: string, stdout: string): string {
  const lines = `${stderr}\n${stdout}`.split('\n').flatMap((line) => line.trim() || []);
  const telling = lines.findIndex((line) => /error|not permitted|denied|failed/i.test(line));
  const first = Math.max(telling, 0);
  const count = lines[first]?.endsWith(':') ? 2 : 1;
  return printable(lines.slice(first, first + count).join(' '), 300);
}
