import { execa } from 'execa';

/** A mount namespace of our own: what is mounted there nobody else sees, and it goes when this process ends. */
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

  /** The words before a command that have it see these mounts. */
  get prefix(): string[] {
    return ['nsenter', `--target=${this.pid}`, '--mount', `--wd=${process.cwd()}`, '--'];
  }

  /** A path there, as this process reaches it. */
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

/** It ends with this process, because nothing more comes from its standard input. */
const start = () =>
  execa('unshare', ['--mount', 'sh', '-c', 'echo ready && exec cat'], {
    stdin: 'pipe',
    buffer: false,
    reject: false,
  });
