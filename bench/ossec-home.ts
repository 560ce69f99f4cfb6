import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa, execaSync } from 'execa';
import { managerAt } from '../install/manager/manager.ts';
import type { Host } from '../test/lab/host.ts';
import { PATH } from '../test/lab/tools.ts';

/** True for the home of an OSSEC server, with or without agents. */
export function isOssecServer(home: string): boolean {
  const manager = managerAt(home);
  return manager?.kind === 'ossec' && manager.role !== 'agent';
}

/** The reason why OSSEC's chain cannot run from the home of an OSSEC server, or undefined. */
export function whyNotRunnable(home: string): string | undefined {
  if (!readFileSync(join(home, 'bin/ossec-execd')).includes(`${home}/etc/ossec.conf`))
    return `${home} is not the directory that its own daemons were built for`;
  const trial = `--mount --pid --fork --propagation private mount -t tmpfs none ${home}`.split(' ');
  const { failed, stderr, message } = execaSync('unshare', trial, { reject: false, env: { PATH } });
  return failed ? `mount namespaces are not allowed here: ${stderr || message}` : undefined;
}

/**
 * The home of an OSSEC server under its own path, in a network of the bench. An overlay in a mount namespace holds all
 * writes, so that they vanish with the bench.
 *
 * The keeper, a `cat`, is the first process of a process namespace. When this process ends, for any reason, the keeper
 * ends too, and with it every process in the namespace.
 */
export class OssecHome {
  private constructor(
    readonly path: string,
    private readonly keeper: ReturnType<typeof start>,
    private readonly pid: string,
  ) {}

  /** @throws Error with mount's message */
  static async create(path: string, host: Host): Promise<OssecHome> {
    const keeper = start(path, host);
    let message = '';
    keeper.stderr.on('data', (bytes) => {
      message += bytes;
    });
    const pid = await new Promise<string>((resolve, reject) => {
      keeper.stdout.once('data', (bytes) => resolve(String(bytes).trim()));
      keeper.then(() => reject(new Error(`${path} cannot be used for the bench: ${message.trim()}`)));
    });
    return new OssecHome(path, keeper, pid);
  }

  /**
   * Runs a command in the namespaces of that home, for two minutes at most. OSSEC's daemons continue in the background.
   *
   * @throws Error with the command's message, or when the command does not end in time
   */
  async run(...words: string[]): Promise<void> {
    const enter = [`--target=${this.pid}`, '--net', '--mount', '--pid', `--wd=${process.cwd()}`, '--'];
    const shell = ['sh', '-c', 'umask 022; exec "$@"', 'sh'];
    // stdout is ignored because a daemon keeps it open.
    const running = execa('nsenter', [...enter, ...shell, ...words], {
      stdin: 'ignore',
      stdout: 'ignore',
      env: { PATH },
    });
    // execa's own timeout would end only nsenter, and would then wait for the child of nsenter, which keeps the output
    // open.
    const late = new AbortController();
    const isLate = setTimeout(120_000, undefined, { signal: late.signal }).then(() => {
      running.catch(() => {});
      throw new Error(`does not end within two minutes: ${words.join(' ')}`);
    });
    await Promise.race([running, isLate]).finally(() => late.abort());
  }

  /** The path of the home's file from this process. */
  file(path: string): string {
    return join(`/proc/${this.pid}/root`, this.path, path);
  }

  async remove(): Promise<void> {
    this.keeper.stdin.end();
    await this.keeper;
  }
}

/** When everything is mounted, the keeper prints its process id as the bench sees it. */
const KEEPER = `set -e
umask 022 # with a narrower umask, the accounts of OSSEC's daemons could not enter the home or /etc
read -r pid rest < /proc/self/stat
mount -t proc proc /proc
echo "$1" > /proc/sys/net/unix/max_dgram_qlen # a new network namespace has 10
shift
mount -t tmpfs -o mode=0755 tmpfs /run # hides systemd, so that nothing is started
mount -t tmpfs -o mode=0755 tmpfs /var/log # hides this host's logs, which riposte install would read
mount -o remount,bind,ro /
for each in "$@"; do
  changes=/run/changes/$each
  mkdir -p "$changes/upper" "$changes/work"
  mount -t overlay -o "lowerdir=$each,upperdir=$changes/upper,workdir=$changes/work" overlay "$each"
done
echo "$pid"
exec cat`;

function start(path: string, host: Host) {
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  const queueLength = readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'latin1').trim();
  // The directories that riposte install writes to, besides the home.
  const changed = [path, '/etc', '/usr/local'];
  const [program, args] = host.command([
    'unshare',
    ...namespaces,
    'sh',
    '-c',
    KEEPER,
    'sh',
    queueLength,
    ...changed,
  ]);
  return execa(program, args, { stdin: 'pipe', buffer: false, reject: false, env: { PATH } });
}
