import { execa } from 'execa';
import type { Host } from './host.ts';
import { eventually } from './server.ts';
import { PATH } from './tools.ts';

/** The result of the built command. */
export interface CommandEnded {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built `riposte` on a host, with the installation in `home`. */
export function runCommand(host: Host, home: string, ...args: string[]): Promise<CommandEnded> {
  return runCommandWith({}, host, home, ...args);
}

/** Runs the built `riposte` in the same way, with additional environment variables. */
export async function runCommandWith(
  env: Record<string, string>,
  host: Host,
  home: string,
  ...args: string[]
): Promise<CommandEnded> {
  const words = [process.execPath, 'dist/riposte.js', ...args, '--home', home];
  const [program, rest] = host.command(words);
  const result = await execa(program, rest, { reject: false, stdin: 'ignore', env: { PATH, ...env } });
  return { status: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Starts the built `riposte` on this machine, with the installation in `home` and no environment variable but PATH. */
export const startHere = (home: string, ...args: string[]) =>
  execa(process.execPath, ['dist/riposte.js', ...args, '--home', home], {
    stdin: 'ignore',
    reject: false,
    extendEnv: false,
    env: { PATH },
    all: true,
  });

/** Starts the built `riposte` as `startHere` does, and waits for its end. */
export async function runHere(home: string, ...args: string[]): Promise<CommandEnded> {
  const { exitCode, stdout, stderr } = await startHere(home, ...args);
  return { status: exitCode, stdout, stderr };
}

/** Waits until all blocks are in force, because the ledger changes before the kernel. */
export const untilLedgerAgrees = (host: Host, home: string): Promise<void> =>
  eventually(
    'ledger and kernel agree',
    async () => (await runCommand(host, home, 'status', '--json')).status === 0,
  );
