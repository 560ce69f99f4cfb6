import { execaSync } from 'execa';
import { debug } from '../base/debug.ts';

/**
 * Runs a program of the host, and collects its standard output and standard error in one text, as on a terminal.
 *
 * @param limit milliseconds until it is killed
 * @returns its output, and the reason if it failed
 */
export function runWithin(
  limit: number,
  program: string,
  args: readonly string[],
): { readonly said: string; readonly failed: boolean; readonly reason: string } {
  const { all, exitCode, failed, shortMessage } = execaSync(program, args, {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: limit,
    killSignal: 'SIGKILL', // a hung program may ignore other signals
  });
  debug('command', () => ({ program, args, exitCode, said: all }));
  return { said: all ?? '', failed, reason: shortMessage ?? `exit status ${exitCode}` };
}
