import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import type { Host } from './host.ts';
import { PATH } from './tools.ts';

/** The directory into which a script unpacks Debian's firewalld. The tests never install firewalld. */
const CACHE = resolve('node_modules/.cache/riposte/firewalld');
const ROOT = join(CACHE, 'root');
/** Debian's own interpreter, because Debian's libraries do not fit another interpreter in PATH. */
const PYTHON = '/usr/bin/python3';

/** The time limit for firewalld's start, in milliseconds. */
const PATIENCE = 180_000;

/** A temporary firewalld on one host, with a message bus of its own. */
export interface Firewalld {
  /** A PATH in which `firewall-cmd` connects to this firewalld. */
  readonly path: string;
  /** The equivalent of /etc/firewalld. */
  readonly configuration: string;
  /** Runs firewall-cmd; throws when it fails. */
  command(...args: string[]): Promise<string>;
  /** Ends firewalld, but not its bus. */
  halt(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Unpacks firewalld and installs its libraries.
 *
 * @returns the missing requirements, for labSuite; none when firewalld can start
 */
export async function missingForFirewalld(): Promise<string[]> {
  const script = resolve('test/lab/firewalld-packages.sh');
  const { stdout } = await execa('bash', [script, CACHE], { stdin: 'ignore', reject: false });
  return stdout.split('\n').filter((line) => line !== '');
}

/**
 * Starts firewalld on a host.
 *
 * @param ports TCP ports that its default zone accepts
 */
export async function startFirewalld(host: Host, ports: readonly number[]): Promise<Firewalld> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-firewalld-'));
  const bin = join(directory, 'bin');
  const log = join(directory, 'log');
  const env = {
    DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${join(directory, 'bus')}`,
    PYTHONPATH: join(ROOT, 'usr/lib/python3/dist-packages'),
    PYTHONDONTWRITEBYTECODE: '', // bytecode files save a third of firewall-cmd's time
  };
  await cp(join(ROOT, 'etc/firewalld'), join(directory, 'etc'), { recursive: true });
  await writeFile(join(directory, 'etc/zones/public.xml'), zone(ports));
  await writeFile(join(directory, 'bus.conf'), busConfiguration(env.DBUS_SYSTEM_BUS_ADDRESS));
  await mkdir(bin);
  await writeFile(join(bin, 'firewall-cmd'), wrapper(env), { mode: 0o755 });

  const stopBus = await startBus(host, join(directory, 'bus.conf'));
  const server = host.start([...ENDS_WITH_US, ...daemon(directory, log)], { stdin: 'ignore', env });
  const firewallCmd = (args: readonly string[]) => host.start([join(bin, 'firewall-cmd'), ...args], {});
  const halt = async () => {
    server.kill('SIGTERM');
    await server;
  };
  const stop = async () => {
    await halt();
    await stopBus();
    await rm(directory, { recursive: true, force: true });
  };
  const command = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await firewallCmd(args);
    if (exitCode !== 0) throw new Error(`firewall-cmd ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  for (const end = performance.now() + PATIENCE; performance.now() < end && server.exitCode === null; ) {
    if ((await firewallCmd(['--state'])).exitCode === 0)
      return { path: `${bin}:${PATH}`, configuration: join(directory, 'etc'), command, halt, stop };
    await wait(100);
  }
  const why = await readFile(log, 'utf8').catch(() => '');
  await stop();
  throw new Error(`firewalld did not start: ${why}${(await server).stderr}`);
}

/** The command that runs firewalld with a /run of its own, because firewalld writes to /run whatever its options. */
function daemon(directory: string, log: string): string[] {
  const own = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh'];
  const directories = [`--system-config=${directory}/etc`, `--default-config=${ROOT}/usr/lib/firewalld`];
  const options = ['--nofork', '--nopid', '--log-target=file', `--log-file=${log}`];
  return [...own, PYTHON, join(ROOT, 'usr/sbin/firewalld'), ...directories, ...options];
}

/** A script that sets firewall-cmd's environment and runs it. Riposte itself passes only PATH to its programs. */
function wrapper(env: Record<string, string>): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  return ['#!/bin/sh', ...exports, `exec ${PYTHON} '${ROOT}/usr/bin/firewall-cmd' "$@"`, ''].join('\n');
}

/** The command that runs a daemon so that the daemon ends even when this process is killed. */
const ENDS_WITH_US = ['setpriv', '--pdeathsig', 'TERM', '--'];

/** Starts the bus. @returns a function that stops it */
async function startBus(host: Host, config: string): Promise<() => Promise<void>> {
  const args = [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address'];
  const bus = host.start([...ENDS_WITH_US, 'dbus-daemon', ...args], { stdin: 'ignore' });
  await new Promise<void>((resolve, reject) => {
    bus.stdout.once('data', () => resolve());
    bus.then(({ stderr }) => reject(new Error(`the message bus did not start: ${stderr}`)));
  });
  return async () => {
    bus.kill('SIGTERM');
    await bus;
  };
}

const zone = (ports: readonly number[]) =>
  `<zone>${ports.map((port) => `<port port="${port}" protocol="tcp"/>`).join('')}</zone>\n`;

/** Only root uses this bus, and may do everything on it. */
const busConfiguration = (socket: string) => `<busconfig>
  <type>system</type>
  <listen>${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy user="root">
    <allow own="*"/> <allow send_destination="*"/> <allow send_type="*"/> <allow receive_type="*"/>
  </policy>
</busconfig>
`;
