import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import type { PackageOf } from './debian-programs.ts';
import type { DebianRoot } from './debian-root.ts';
import { eventually } from './server.ts';
import { PATH } from './tools.ts';

/** The Debian packages of the programs on the controller. */
export const ANSIBLE: PackageOf = {
  'ansible-playbook': 'ansible-core',
  'ansible-lint': 'ansible-lint',
  ssh: 'openssh-client',
};

/** The result of a play. */
export interface Play {
  readonly status: number | undefined;
  /** The numbers of the recap: tasks that changed something, and tasks that failed. */
  readonly changed: number;
  readonly failed: number;
  readonly said: string;
}

const PLAYBOOK = '- hosts: all\n  gather_facts: false\n  roles: [riposte.riposte.riposte]\n';

/** A controller of Ansible with the built collection, and sshd on the host that Ansible sets up. */
export class Controller {
  readonly #directory: string;
  readonly #debian: DebianRoot;
  readonly #sshd: ResultPromise;

  private constructor(directory: string, debian: DebianRoot, sshd: ResultPromise) {
    this.#directory = directory;
    this.#debian = debian;
    this.#sshd = sshd;
  }

  /** Builds and installs the collection, and starts sshd inside the Debian root. */
  static async create(debian: DebianRoot): Promise<Controller> {
    const directory = await mkdtemp(join(tmpdir(), 'ansible-'));
    const at = (name: string) => join(directory, name);
    await writeFile(at('play.yml'), PLAYBOOK);
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('key')]);
    const { stdout: key } = await execa('ssh-keygen', ['-y', '-f', at('key')]);
    await mkdir(debian.path('/root/.ssh'), { recursive: true, mode: 0o700 });
    await debian.write('/root/.ssh/authorized_keys', `${key}\n`);
    await debian.do('mkdir', '/run/sshd'); // the host's /run is a new tmpfs without this directory
    const words = ['/usr/sbin/sshd', '-D', '-e', '-o', 'UsePAM=no', '-o', 'PidFile=none'];
    const [program, args] = debian.host.command(['chroot', debian.root, ...words]);
    const sshd = execa(program, args, { stdin: 'ignore', reject: false, all: true, env: { PATH } });
    const controller = new Controller(directory, debian, sshd);
    try {
      await controller.#listens();
      await controller.#installCollection();
      return controller;
    } catch (error) {
      await controller.remove();
      throw error;
    }
  }

  async #listens(): Promise<void> {
    let said = '';
    this.#sshd.all?.on('data', (bytes) => {
      said += bytes;
    });
    await eventually('sshd listens', async () => /Server listening on 0\.0\.0\.0/.test(said), {
      orElse: () => said,
    });
  }

  async #installCollection(): Promise<void> {
    const build = ['ansible-galaxy', 'collection', 'build', '--output-path', this.#directory];
    await this.#run(build, { cwd: 'packaging/ansible' });
    const [built = ''] = (await readdir(this.#directory)).filter((name) => name.endsWith('.tar.gz'));
    await this.#run(['ansible-galaxy', 'collection', 'install', '--offline', join(this.#directory, built)]);
  }

  /** Applies the role with these variables. @param options of ansible-playbook, such as --check */
  async play(variables: Record<string, unknown>, ...options: string[]): Promise<Play> {
    const connection = {
      ansible_host: '127.0.0.1',
      ansible_user: 'root',
      ansible_ssh_private_key_file: join(this.#directory, 'key'),
      ansible_python_interpreter: '/usr/bin/python3',
    };
    const words = ['ansible-playbook', '--inventory', 'debian,', ...options];
    const extra = JSON.stringify({ ...connection, ...variables });
    const [program, args] = this.#debian.host.command([
      ...words,
      '--extra-vars',
      extra,
      join(this.#directory, 'play.yml'),
    ]);
    const { exitCode, all } = await execa(program, args, { ...this.#options, reject: false });
    const count = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(all)?.[1] ?? Number.NaN);
    return { status: exitCode, changed: count('changed'), failed: count('failed'), said: all };
  }

  /** Ends sshd and its connections, and removes the controller's files. */
  async remove(): Promise<void> {
    for (const socket of await readdir(join(this.#directory, 'cp')).catch(() => []))
      await execa('ssh', ['-O', 'exit', '-S', join(this.#directory, 'cp', socket), 'debian'], {
        reject: false,
      });
    this.#sshd.kill('SIGTERM');
    await this.#sshd;
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #run(words: readonly string[], options: { readonly cwd?: string } = {}): Promise<void> {
    const [program = '', ...args] = words;
    await execa(program, args, { ...this.#options, ...options });
  }

  get #options() {
    return {
      all: true,
      stdin: 'ignore',
      extendEnv: false,
      env: {
        PATH,
        HOME: this.#directory,
        LC_ALL: 'C.UTF-8',
        ANSIBLE_HOME: this.#directory,
        ANSIBLE_COLLECTIONS_PATH: join(this.#directory, 'collections'),
        ANSIBLE_HOST_KEY_CHECKING: 'False',
        ANSIBLE_PIPELINING: 'True',
        ANSIBLE_NOCOLOR: 'True',
      },
    } as const;
  }
}
