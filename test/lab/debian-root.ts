import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { execa } from 'execa';
import { Host } from './host.ts';

/** The releases on which the tests install packages, and the packages of a root besides the essential packages. */
const RELEASES = {
  /** Without Node; with the programs that Ansible needs on a host. */
  bookworm: 'nftables,iproute2,systemd,python3-apt,openssh-server',
  /** With a Node that is new enough for riposte-nodejs. */
  trixie: 'nftables,iproute2,nodejs',
} as const;

/** Outside of the repository, because tools that read the repository would also read the files of a whole Debian. */
const CACHE = '/var/cache/riposte-test-roots';

/** The name of a root's directory lists its packages, so that a root with other packages is not used by mistake. */
const directoryOf = (release: keyof typeof RELEASES): string =>
  join(CACHE, [release, ...RELEASES[release].split(',')].join('+'));

/**
 * Makes a release's root file system, unless it exists already.
 *
 * @returns the missing requirements; undefined when the root file system exists
 */
export async function missingForRoot(release: keyof typeof RELEASES): Promise<string | undefined> {
  const script = resolve('test/lab/debian-root.sh');
  const words = [script, directoryOf(release), release, RELEASES[release]];
  const { stdout } = await execa('bash', words, { stdin: 'ignore', reject: false, stderr: 'inherit' });
  return stdout === '' ? undefined : stdout;
}

/** The result of a command. */
export interface Ended {
  readonly status: number | undefined;
  /** Standard output and standard error. */
  readonly said: string;
}

/** A host in a network namespace of its own, whose root file system is a copy of a Debian release. */
export class DebianRoot {
  private constructor(
    readonly root: string,
    readonly host: Host,
  ) {}

  static async create(release: keyof typeof RELEASES): Promise<DebianRoot> {
    const directory = await mkdtemp(join(tmpdir(), 'riposte-debian-'));
    const root = join(directory, 'root');
    await execa('cp', ['-a', directoryOf(release), root]);
    const host = await Host.create('debian', { hasMounts: true });
    await host.run(`mount -t proc proc ${root}/proc`);
    await host.run(`mount -t tmpfs tmpfs ${root}/run`);
    return new DebianRoot(root, host);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  /** Runs a program inside the root. */
  async run(...words: string[]): Promise<Ended> {
    const { exitCode, all } = await this.host.start(['chroot', this.root, ...words], {
      all: true,
      stdin: 'ignore',
      extendEnv: false,
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        DEBIAN_FRONTEND: 'noninteractive',
      },
    });
    return { status: exitCode, said: String(all) };
  }

  /** Runs a program inside the root, and returns its output. @throws Error when it fails */
  async do(...words: string[]): Promise<string> {
    const { status, said } = await this.run(...words);
    if (status !== 0) throw new Error(`${words.join(' ')}: exit status ${status}\n${said}`);
    return said;
  }

  /** Puts a file of this machine into /root. @returns its path inside */
  async bring(file: string): Promise<string> {
    const inside = `/root/${basename(file)}`;
    await cp(file, this.path(inside));
    return inside;
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(join(this.path(path), '..'), { recursive: true });
    await writeFile(this.path(path), text);
  }

  /** Removes the host, whose mounts end with it, and then the root. */
  async remove(): Promise<void> {
    await this.host.remove();
    await rm(join(this.root, '..'), { recursive: true, force: true });
  }
}
