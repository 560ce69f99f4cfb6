import { execa } from 'execa';

/** A private mount namespace, which ends with this process. */
export class Mounts {
  private constructor(
    private readonly keeper: ReturnType<typeof start>,
    private readonly pid: number,
  ) {}

  static async create(): Promise<Mounts> {
    const keeper = start();
    await new Promise((resolve) => keeper.stdout?.once('data', resolve));
    if (keeper.pid === undefined) throw new Error('cannot make a mount namespace');
    return new Mounts(keeper, keeper.pid);
  }

  /** The words that run a command with these mounts. */
  get prefix(): string[] {
    return ['nsenter', `--target=${this.pid}`, '--mount', `--wd=${process.cwd()}`, '--'];
  }

  /** The path by which this process reaches a file in the namespace. */
  path(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  async run(...words: string[]): Promise<void> {
    const [program = '', ...args] = [...this.prefix, ...words];
    await execa(program, args);
  }

  async remove(): Promise<void> {
    this.keeper.stdin?.end();
    await this.keeper;
  }
}

/** Starts a process that ends when this process ends, because that closes its standard input. */
const start = () =>
  execa('unshare', ['--mount', 'sh', '-c', 'echo ready && exec cat'], {
    stdin: 'pipe',
    buffer: false,
    reject: false,
  });
