import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from '../base/files.ts';
import { namesIn } from '../base/names-in.ts';

/** A process of the manager. */
export interface Daemon {
  /** The name without the manager's prefix: `execd`. */
  readonly name: string;
  readonly pid: number;
  /** The time at which the process wrote its pid file, which is the time of its start; in milliseconds since 1970. */
  readonly started: number;
}

/** The PATH that a script gets from the service. */
export interface ServicePath {
  readonly path: string;
  /** The origin of the PATH, for a message. */
  readonly source: string;
}

/** systemd's own default (systemd.exec(5)), and the PATH of Debian's /etc/init.d scripts. */
const SYSTEMD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';
const INIT_PATH = '/sbin:/usr/sbin:/bin:/usr/bin';

/** `ossec-execd-1234.pid`, `wazuh-manager-analysisd-77.pid`. */
const PID_FILE = /^((?:ossec|wazuh)(?:-manager)?-([a-z]+))-(\d+)\.pid$/;

/** The manager's running processes, by the pid files in `<home>/var/run`. */
export function daemonsOf(home: string): Daemon[] {
  const directory = join(home, 'var/run');
  return namesIn(directory).flatMap((file) => {
    const [, program = '', name = '', pid] = PID_FILE.exec(file) ?? [];
    // After a crash another program may have the pid. The kernel keeps 15 bytes of a name.
    if (pid === undefined || commandOf(Number(pid)) !== program.slice(0, 15)) return [];
    // The process may end meanwhile.
    const started = statSync(join(directory, file), { throwIfNoEntry: false })?.mtimeMs;
    return started === undefined ? [] : { name, pid: Number(pid), started };
  });
}

/** The PATH that execd passes to a script: execd's own PATH if execd runs, else the service's default. */
export function servicePathOf(daemons: readonly Daemon[]): ServicePath {
  const execd = daemons.find(({ name }) => name === 'execd');
  const environment = execd && environmentOf(execd.pid);
  if (environment === undefined) {
    return existsSync('/run/systemd/system')
      ? { path: SYSTEMD_PATH, source: "systemd's default" }
      : { path: INIT_PATH, source: "init's default" };
  }
  const path = environment.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return { path, source: `execd's, process ${execd?.pid}` };
}

/**
 * The variables of a process; undefined when it has ended.
 *
 * @throws the system's Error when this user may not read them
 */
function environmentOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
    throw error;
  }
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd();
  } catch {
    return undefined;
  }
}
