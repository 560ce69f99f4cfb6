import { execa, type Options, type ResultPromise } from 'execa';
import { PATH } from './tools.ts';

/**
 * A host of a private network: a network namespace that exists as long as its keeper runs. The keeper is a `cat`. When
 * this process ends for any reason, the keeper's standard input ends, so the keeper and its namespace end, too.
 */
export class Host {
  readonly #keeper: ResultPromise;

  private constructor(
    readonly name: string,
    keeper: ResultPromise,
    readonly pid: number,
    private readonly hasMounts: boolean,
  ) {
    this.#keeper = keeper;
  }

  /**
   * Creates a host with its loopback up and no other link.
   *
   * @param hasMounts true to give the host its own mounts
   */
  static async create(name: string, { hasMounts = false } = {}): Promise<Host> {
    const mounts = hasMounts ? ['--mount'] : [];
    const keeper = execa(
      'unshare',
      ['--net', ...mounts, 'sh', '-c', 'ip link set lo up && echo ready && exec cat'],
      {
        stdin: 'pipe',
        buffer: false,
        reject: false,
        env: { PATH },
      },
    );
    const pid = keeper.pid;
    if (pid === undefined) throw new Error(`cannot make the host ${name}: is unshare installed?`);
    await new Promise<void>((resolve, reject) => {
      keeper.stdout?.once('data', () => resolve());
      keeper.then(({ stderr, message }) =>
        reject(new Error(`cannot make the host ${name}: ${stderr ?? message}`)),
      );
    });
    return new Host(name, keeper, pid, hasMounts);
  }

  /** The command line that runs a command on this host. */
  command(words: readonly string[]): [string, string[]] {
    const mounts = this.hasMounts ? ['--mount', `--wd=${process.cwd()}`] : [];
    return ['nsenter', [`--target=${this.pid}`, '--net', ...mounts, '--', ...words]];
  }

  /** Runs a command on this host; throws when it fails. */
  async run(command: string): Promise<string> {
    const [program, args] = this.command(command.split(' '));
    return (await execa(program, args, { env: { PATH } })).stdout;
  }

  /** Runs a command on this host, with execa's options; the caller checks the exit status. */
  start<T extends Options>(words: readonly string[], options: T) {
    const [program, args] = this.command(words);
    return execa(program, args, { reject: false, ...options, env: { PATH, ...options.env } } as T & {
      reject: false;
    });
  }

  /** Removes the host. Its processes must have ended before. */
  async remove(): Promise<void> {
    this.#keeper.stdin?.end();
    await this.#keeper;
  }
}

/** Connects two hosts, with one or several addresses at each end, such as `203.0.113.1/24`. */
export async function connect(a: Host, aAddresses: string[], b: Host, bAddresses: string[]): Promise<void> {
  const device = (host: Host) => `to-${host.name}`;
  await a.run(`ip link add ${device(b)} type veth peer name ${device(a)} netns ${b.pid}`);
  const ends: [Host, string, string[]][] = [
    [a, device(b), aAddresses],
    [b, device(a), bAddresses],
  ];
  // Set the links up first: otherwise an IPv6 address is usable only after up to a second, even with `nodad`.
  for (const [host, name] of ends) await host.run(`ip link set ${name} up`);
  for (const [host, name, addresses] of ends)
    for (const address of addresses)
      await host.run(`ip address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`);
}
