import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { failureOf } from '../../base/execute.ts';
import { findProgram } from '../../base/find-program.ts';

/** A journalctl that runs. */
export interface Journalctl {
  readonly output: Readable;
  /** Resolves once all output was read: to undefined if journalctl succeeded, else to its error message. */
  readonly ended: Promise<string | undefined>;
  /** Ends journalctl; ignore `ended` afterwards. */
  stop(): void;
}

/** The number of characters of journalctl's error messages that are kept. */
const KEPT = 4000;

/** Starts journalctl, without a shell. @throws RiposteError (UNAVAILABLE) when there is none */
export function startJournalctl(args: readonly string[], path = process.env.PATH): Journalctl {
  const program = findProgram('journalctl', path);
  const child = spawn(program, args, {
    cwd: '/',
    env: { PATH: path, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < KEPT) stderr += text;
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code, signal) => {
      const end = signal === null ? `exit status ${code}` : `ended by ${signal}`;
      resolve(code === 0 ? undefined : failureOf({ stdout: '', stderr, end }).message);
    });
  });
  const stop = () => {
    child.stdout.destroy();
    child.kill('SIGTERM');
  };
  return { output: child.stdout, ended, stop };
}
