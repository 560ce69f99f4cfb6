import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debug } from '../base/debug.ts';
import { EX, RiposteError } from '../base/errors.ts';
import type { Io } from '../base/io.ts';
import { printable } from '../base/printable.ts';
import type { Program } from './program.ts';

/** The time limit of a restart, and the time between two reports of the wait, in milliseconds. */
const TIME_LIMIT = 300_000;
const REPORT_EVERY = 10_000;

/** Ctrl-C, a service manager's stop, a lost connection. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the command that restarts a manager, and reports while it takes long. The command's output goes to a file,
 * because integratord and agentlessd keep this output open for ever. After a signal or the time limit, the command
 * continues without this process, because a manager that was stopped half-way would not start again.
 *
 * @throws RiposteError (UNAVAILABLE) with the last line of the output, (TEMPFAIL) after a signal or the time limit
 */
export async function runRestart(
  [program, ...args]: Program,
  root: string,
  io: Pick<Io, 'err'>,
  limit = TIME_LIMIT,
): Promise<void> {
  const file = program.startsWith('/') ? join(root, program) : program;
  const words = [program, ...args].join(' ');
  const output = openUnnamed();
  try {
    io.err(`riposte: running ${words}; this can take a minute\n`);
    const start = () => spawn(file, args, { stdio: ['ignore', output, output], detached: true });
    const { ended, pid } = await runUntilEnd(start, words, io, limit);
    debug('command', () => ({ file, args, ended, said: textOf(output) }));
    if (ended === 'ok') return;
    const said = textOf(output).trim().split('\n').at(-1) ?? '';
    const last = said === '' ? '' : `; its last output: ${printable(said, 300)}`;
    if (ended === 'late' || ended === 'signal')
      throw new RiposteError(
        EX.TEMPFAIL,
        `${words} ${ended === 'late' ? `has not ended after ${limit / 1000} seconds` : 'has not ended yet'}, and continues as process ${pid}${last}. All other steps are complete: check whether the manager runs, and start the manager if it does not`,
      );
    throw new RiposteError(EX.UNAVAILABLE, `${words}: ${printable(said, 300) || ended}`);
  } finally {
    closeSync(output);
  }
}

interface Ended {
  /** `ok`, `late`, `signal`, or the reason for a failure. */
  readonly ended: string;
  readonly pid: number | undefined;
}

/** Starts a program, and waits for its end, a signal or the time limit. */
function runUntilEnd(
  start: () => ChildProcess,
  words: string,
  io: Pick<Io, 'err'>,
  limit: number,
): Promise<Ended> {
  return new Promise((resolve) => {
    const since = Date.now();
    const report = setInterval(
      () => io.err(`riposte: ${words} has been running for ${Math.round((Date.now() - since) / 1000)} s\n`),
      REPORT_EVERY,
    );
    const late = setTimeout(() => end('late'), limit);
    const onSignal = () => end('signal');
    // Handles signals before the program starts, because a signal right after the start would end only this process.
    for (const signal of SIGNALS) process.on(signal, onSignal);
    const child = start();
    const end = (ended: string) => {
      clearInterval(report);
      clearTimeout(late);
      for (const signal of SIGNALS) process.off(signal, onSignal);
      child.unref();
      resolve({ ended, pid: child.pid });
    };
    child.once('error', ({ message }) => end(message));
    // Not `close`, which waits for all processes that hold the output.
    child.once('exit', (code, signal) => end(code === 0 ? 'ok' : `ended with ${signal ?? `status ${code}`}`));
  });
}

/** A file without a name, so that nothing is left behind. */
function openUnnamed(): number {
  const directory = mkdtempSync(join(tmpdir(), 'riposte-restart-'));
  try {
    return openSync(join(directory, 'output'), 'wx+', 0o600);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function textOf(file: number): string {
  const length = Math.min(fstatSync(file).size, 16_384);
  const bytes = Buffer.alloc(length);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, fstatSync(file).size - length));
}
