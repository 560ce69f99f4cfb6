import { resolve } from 'node:path';
import type { ServerState } from '../../serve/state.ts';
import type { Host } from './host.ts';
import type { Installation } from './installation.ts';
import { PATH } from './tools.ts';

/** The time limit of a wait for a server, in milliseconds. */
const PATIENCE = 90_000;

/** The built `riposte serve`, running on a host. */
export class RunningServer {
  /** The server's output so far. */
  said = '';
  readonly #process: ReturnType<typeof launch>;

  private constructor(process: ReturnType<typeof launch>) {
    this.#process = process;
    for (const stream of [process.stdout, process.stderr])
      stream.on('data', (bytes) => {
        this.said += bytes;
      });
  }

  /** Starts a server, and waits until it follows its logs. @param env is added to PATH */
  static async start(at: Installation, args: readonly string[], env = {}): Promise<RunningServer> {
    const server = RunningServer.launch(at, args, env);
    await server.says(/riposte serve, started from/);
    return server;
  }

  /** Starts a server without waiting. */
  static launch(at: Installation, args: readonly string[], env: Record<string, string> = {}): RunningServer {
    return new RunningServer(launch(at, args, env));
  }

  get pid(): number {
    return Number(this.#process.pid);
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /**
   * Waits until a server runs, and starts another server whenever the last has ended, as systemd does: if a server was
   * killed while it started, its lock stays held for up to ten seconds.
   *
   * @param give is called with each server that was started
   */
  async runsAgain(
    at: Installation,
    args: readonly string[],
    give: (server: RunningServer) => void,
  ): Promise<void> {
    let server: RunningServer = this;
    const runs = async () => {
      if (server.hasEnded) {
        server = RunningServer.launch(at, args);
        give(server);
      }
      return server.said.includes('riposte serve, started from');
    };
    await eventually('the server runs', runs, { orElse: () => server.said });
  }

  /** Waits until the server's output has matched `count` times. */
  async says(what: RegExp, count = 1): Promise<void> {
    const all = new RegExp(what, 'g');
    await eventually(`the server says ${what}`, async () => [...this.said.matchAll(all)].length >= count, {
      orElse: () => this.said,
    });
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /**
   * Ends the server as an administrator would, and waits for its end.
   *
   * @returns the exit code; undefined after SIGKILL
   */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | undefined> {
    if (!this.hasEnded) this.kill(signal);
    return (await this.ended()) ?? undefined;
  }

  async ended(): Promise<number | undefined> {
    const { exitCode } = await this.#process;
    return exitCode;
  }
}

/** The state that a server has last written; empty before the first state. */
export async function serverState(at: Installation): Promise<Partial<ServerState>> {
  return JSON.parse((await at.read('var/riposte/serve.json')) || '{}');
}

/** Runs `riposte serve` or a related verb on the installation's host. */
export function verb(at: Installation, args: readonly string[], env: Record<string, string> = {}) {
  const words = [at.node, resolve('dist/riposte.js'), ...args, '--home', at.home];
  return hostOf(at).start(words, { stdin: 'ignore', env, extendEnv: false });
}

function launch(at: Installation, args: readonly string[], env: Record<string, string>) {
  const variables = Object.entries({ PATH, ...env }).map(([name, value]) => `${name}=${value}`);
  const words = [at.node, resolve('dist/riposte.js'), 'serve', '--home', at.home, ...args];
  return hostOf(at).start(['/usr/bin/env', '-i', ...variables, ...words], { stdin: 'ignore', buffer: false });
}

function hostOf({ host }: Installation): Host {
  if (!host) throw new Error('the server needs a host of its own');
  return host;
}

/** Waits until a condition holds. @throws Error when it never does */
export async function eventually(
  what: string,
  isSo: () => Promise<boolean>,
  { patience = PATIENCE, orElse = (): string | Promise<string> => '' } = {},
): Promise<void> {
  for (const end = performance.now() + patience; performance.now() < end; ) {
    const began = performance.now();
    if (await isSo()) return;
    // Pause longer after a slow check: checks that start programs must not slow down the process under test.
    const took = performance.now() - began;
    await new Promise((wake) => setTimeout(wake, 20 + 2 * took));
  }
  throw new Error(`not within ${patience / 1000} s: ${what}\n${await orElse()}`);
}
