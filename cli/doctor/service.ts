import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from '../../active-response/files.ts';

/** A process of the manager. */
export interface Daemon {
  /** Without the manager's name: `execd`. */
  readonly name: string;
  readonly pid: number;
  /** When it wrote its pid file, in milliseconds since 1970: it does so as it starts. */
  readonly started: number;
}

/** The PATH that a script gets from the service. */
export interface ServicePath {
  readonly path: string;
  /** Where that is from, for a message. */
  readonly source: string;
}

/** systemd's own default (systemd.exec(5)), and what Debian's /etc/init.d scripts are given. */
const SYSTEMD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';
const INIT_PATH = '/sbin:/usr/sbin:/bin:/usr/bin';

/** `ossec-execd-1234.pid`, `wazuh-manager-analysisd-77.pid`. */
const PID_FILE = /^((?:ossec|wazuh)(?:-manager)?-([a-z]+))-(\d+)\.pid$/;

/** The manager's processes that run, by the pid files in `<home>/var/run`. */
export function daemonsOf(home: string): Daemon[] {
  const directory = join(home, 'var/run');
  return filesIn(directory).flatMap((file) => {
    const [, program = '', name = '', pid] = PID_FILE.exec(file) ?? [];
    // After a crash the same number may be another program's. The kernel keeps 15 bytes of a name.
    if (pid === undefined || commandOf(Number(pid)) !== program.slice(0, 15)) return [];
    return { name, pid: Number(pid), started: statSync(join(directory, file)).mtimeMs };
  });
}

/** What execd hands on to a script: its own PATH when it runs, else what the service would have. */
export function servicePathOf(daemons: readonly Daemon[]): ServicePath {
  const execd = daemons.find(({ name }) => name === 'execd');
  if (execd === undefined) {
    return existsSync('/run/systemd/system')
      ? { path: SYSTEMD_PATH, source: "systemd's default" }
      : { path: INIT_PATH, source: "init's default" };
  }
  const variables = readFileSync(`/proc/${execd.pid}/environ`, 'latin1').split('\0');
  const path = variables.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return { path, source: `execd's, process ${execd.pid}` };
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd();
  } catch {
    return undefined;
  }
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
