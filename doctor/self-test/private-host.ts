import { execa, type ResultPromise } from 'execa';

/** The time limit of one program on the private host, in milliseconds. */
const PATIENCE = 60_000;

/** The end of a program. */
export interface Ended {
  readonly status: number | undefined;
  readonly stdout: string;
  /** Its messages, one or more lines. */
  readonly stderr: string;
}

/**
 * A network namespace with only a loopback, and a mount namespace with this host's own files and an overlay over the
 * home: programs there see the real installation, and their changes vanish with the namespace. Both namespaces live as
 * long as their keeper, a `cat` that ends with this process because its standard input closes.
 */
export class PrivateHost {
  readonly #keeper: ResultPromise;

  private constructor(
    keeper: ResultPromise,
    readonly pid: number,
    private readonly path: string,
  ) {
    this.#keeper = keeper;
  }

  /**
   * @param home the directory with the real files; changes to them are discarded
   * @throws Error if this host does not allow namespaces, as in most containers
   */
  static async create(home: string, path = ''): Promise<PrivateHost> {
    const PATH = `${path}:/usr/sbin:/usr/bin:/sbin:/bin`;
    const options = { stdin: 'pipe', buffer: false, reject: false, env: { PATH, LC_ALL: 'C' } } as const;
    const keeper = execa('unshare', ['--net', '--mount', '--propagation', 'private', 'cat'], options);
    let complaint = '';
    keeper.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    keeper.stdin.on('error', () => {}); // the keeper may end before it reads anything
    const isReady = new Promise<boolean>((resolve) => {
      keeper.stdout.once('data', () => resolve(true));
      keeper.then(() => resolve(false));
    });
    keeper.stdin.write('ready\n');
    if (!(await isReady) || keeper.pid === undefined)
      throw new Error(complaint.trim() || 'unshare (util-linux) cannot be run');
    const host = new PrivateHost(keeper, keeper.pid, PATH);
    try {
      await host.#furnish(home);
    } catch (error) {
      await host.remove();
      throw error;
    }
    return host;
  }

  async #furnish(home: string): Promise<void> {
    const [upper, work] = ['/run/riposte/upper', '/run/riposte/work'];
    const layers = `lowerdir=${home},upperdir=${upper},workdir=${work}`;
    for (const words of [
      ['ip', 'link', 'set', 'lo', 'up'],
      // Hides the locks and sockets in /run, because they lead to this host's own daemons.
      ['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run'],
      ['mkdir', '-p', upper, work, '/run/riposte/test'],
      // Keeps an edited script from writing elsewhere during the test.
      ['mount', '-o', 'remount,bind,ro', '/'],
      ['mount', '-t', 'overlay', '-o', layers, 'overlay', home],
      ['mkdir', '-p', `${home}/logs`, `${home}/var/riposte`],
      // An overlay would copy a log of any size as soon as a line is added.
      ['mount', '-t', 'tmpfs', '-o', 'mode=0770', 'tmpfs', `${home}/logs`],
      ['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', `${home}/var/riposte`],
    ]) {
      const { status, stderr } = await this.run(words);
      if (status !== 0) throw new Error(`${words[0]}: ${stderr.trim()}`);
    }
  }

  /** The command line that runs a program on the private host. */
  command(words: readonly string[]): [program: string, args: string[]] {
    return ['nsenter', [`--target=${this.pid}`, '--net', '--mount', '--', ...words]];
  }

  /** Runs a program on the private host, and waits for its end. */
  async run(words: readonly string[]): Promise<Ended> {
    const { exitCode, stdout, stderr, message } = await execa(...this.command(words), this.options);
    return { status: exitCode, stdout, stderr: stderr || (exitCode === undefined ? (message ?? '') : '') };
  }

  /** Options for programs on the private host. */
  get options() {
    return {
      stdin: 'ignore',
      reject: false,
      timeout: PATIENCE,
      env: { PATH: this.path, LC_ALL: 'C' },
    } as const;
  }

  /** The path by which this process can read a file of the private host. */
  file(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  async remove(): Promise<void> {
    this.#keeper.stdin?.end();
    await this.#keeper;
  }
}
