import { Host } from './host.ts';
import { Mounts } from './mounts.ts';

/** A host whose programs have a small file system of their own at one path, and a /run of their own. */
export class HostWithDisk {
  private constructor(
    readonly network: Host,
    readonly mounts: Mounts,
  ) {}

  static async create(): Promise<HostWithDisk> {
    const host = new HostWithDisk(await Host.create('web'), await Mounts.create());
    await host.mounts.run('mount', '-t', 'tmpfs', 'none', '/run');
    return host;
  }

  /** This host, for an installation and its daemon. */
  asHost(): Host {
    const command = (words: readonly string[]): [string, string[]] => {
      const [program, args] = this.network.command(words);
      const [first = '', ...rest] = [...this.mounts.prefix, program, ...args];
      return [first, rest];
    };
    // The other methods come from the host in `network`, but they call this `command`.
    return Object.create(this.network, { command: { value: command } });
  }

  /** Mounts a file system of this size at a directory. */
  async mountDisk(directory: string, options = 'size=256k'): Promise<void> {
    await this.mounts.run('mkdir', '-p', directory);
    await this.mounts.run('mount', '-t', 'tmpfs', '-o', options, 'none', directory);
  }

  /** Fills the file system until it accepts no more bytes. */
  async fill(directory: string): Promise<void> {
    await this.sh(`cat /dev/zero > ${directory}/filler 2>/dev/null; true`);
  }

  /** Makes space on a full file system, and makes a read-only file system writable. */
  async free(directory: string): Promise<void> {
    await this.sh(`mount -o remount,rw,size=64m,nr_inodes=100k ${directory}; rm -f ${directory}/filler`);
  }

  async sh(script: string): Promise<void> {
    await this.mounts.run('sh', '-c', script);
  }

  async remove(): Promise<void> {
    await this.mounts.remove();
    await this.network.remove();
  }
}
