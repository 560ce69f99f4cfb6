import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askHaproxy } from '../../active-response/backend/haproxy/runtime-socket.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import type { Host } from './host.ts';
import { eventually } from './server.ts';
import { unpacked } from './unpacked.ts';

/** HAProxy, and the libraries of HAProxy that a machine may lack. */
export interface HaproxyProgram {
  readonly path: string;
  readonly libraries: string;
}

/** Debian's HAProxy, only unpacked: an installation would start it here. Undefined when it cannot be fetched. */
export async function haproxyProgram(): Promise<HaproxyProgram | undefined> {
  const libraries = ['libopentracing-c-wrapper0', 'libopentracing1', 'liblua5.3-0'];
  const root = await unpacked('haproxy', ...libraries);
  if (root === undefined) return undefined;
  const directories = ['x86_64', 'aarch64'].map((machine) => join(root, `usr/lib/${machine}-linux-gnu`));
  return { path: join(root, 'usr/sbin/haproxy'), libraries: directories.join(':') };
}

/** A running HAProxy with a directory of its own. */
export class Haproxy {
  #server: ReturnType<Host['start']> | undefined;

  private constructor(
    private readonly host: Host,
    private readonly program: HaproxyProgram,
    readonly directory: string,
  ) {}

  /** @param rules the lines inside its frontend, which answers 200 on port 80 */
  static async start(host: Host, program: HaproxyProgram, rules: string): Promise<Haproxy> {
    const directory = await mkdtemp(join(tmpdir(), 'riposte-haproxy-'));
    await chmod(directory, 0o755);
    const haproxy = new Haproxy(host, program, directory);
    const configuration = [
      'global',
      `  stats socket ${haproxy.socket} mode 600 level admin`,
      'defaults',
      '  mode http',
      ...['client', 'connect', 'server'].map((which) => `  timeout ${which} 10s`),
      'frontend web',
      '  bind :::80 v4v6',
      rules,
      '  http-request return status 200\n',
    ];
    await writeFile(join(directory, 'haproxy.cfg'), configuration.join('\n'));
    await haproxy.run();
    return haproxy;
  }

  get socket(): string {
    return join(this.directory, 'admin.sock');
  }

  /** Starts the process, and waits until it answers. */
  async run(): Promise<void> {
    const words = [this.program.path, '-W', '-f', join(this.directory, 'haproxy.cfg')];
    this.#server = this.host.start(words, {
      stdin: 'ignore',
      env: { LD_LIBRARY_PATH: this.program.libraries },
    });
    await eventually('HAProxy listens', async () => {
      const { exitCode } = await this.host.start(['curl', '-s', '-o', '/dev/null', 'http://127.0.0.1/'], {});
      return exitCode === 0;
    });
  }

  /** Makes HAProxy start new workers, which read the configuration again. */
  async reload(): Promise<void> {
    const before = this.#worker();
    this.#server?.kill('SIGUSR2');
    await eventually('HAProxy has reloaded', async () => {
      const now = attempt(() => this.#worker());
      return !(now instanceof RiposteError) && now !== before;
    });
  }

  /** The process id of the worker that answers at the socket. */
  #worker(): string | undefined {
    const [said = ''] = askHaproxy(this.socket, ['show info'], 10);
    return /^Pid: (\d+)/m.exec(said)?.[1];
  }

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#server?.kill(signal);
    await this.#server;
  }

  async stop(): Promise<void> {
    await this.end();
    await rm(this.directory, { recursive: true, force: true });
  }
}
