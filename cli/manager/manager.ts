import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../active-response/files.ts';

/** An installation of OSSEC or Wazuh on this host. */
export interface Manager {
  /** Its directory, such as /var/ossec. */
  readonly home: string;
  readonly kind: 'ossec' | 'wazuh';
  /** What this host is to it; `local` is a server without agents (OSSEC only). */
  readonly role: 'server' | 'local' | 'agent';
  /** `4.14.7`; undefined where its own programs do not say. */
  readonly version: string | undefined;
}

/** A host without a manager: `riposte serve` is what reads its logs. */
export interface NoManager {
  readonly home: string;
  readonly kind: 'none';
  readonly role: 'local';
  readonly version: undefined;
}

/** Where OSSEC and Wazuh are by default; the last is the manager (not the agent) of Wazuh 5. */
const USUAL_HOMES = ['/var/ossec', '/opt/ossec', '/usr/local/ossec', '/var/wazuh-manager'];

/**
 * Every installation that is found below `root` (of a file system; `/` but in tests and for packagers), by its
 * real directory: /var/ossec is often a link to a larger disk.
 */
export function findManagers(root = '/'): Manager[] {
  const told = /^DIRECTORY="(.+)"/m.exec(readIfThere(join(root, 'etc/ossec-init.conf')) ?? '')?.[1];
  const named = [...(told === undefined ? [] : [told]), ...USUAL_HOMES].map((home) => join(root, home));
  const homes = new Set(named.filter((home) => existsSync(home)).map((home) => realpathSync(home)));
  return [...homes].filter((home) => isWithin(root, home)).flatMap((home) => managerAt(home, root) ?? []);
}

/** False for what an absolute link in another host's file system makes of a path: it leads into this host's. */
export const isWithin = (root: string, path: string): boolean => root === '/' || path.startsWith(`${root}/`);

/** The installation in this directory, or undefined when there is none. */
export function managerAt(home: string, root = '/'): Manager | undefined {
  for (const [kind, names] of Object.entries(PROGRAMS) as [Manager['kind'], typeof PROGRAMS.ossec][]) {
    const has = (...programs: string[]) => programs.some((program) => existsSync(join(home, 'bin', program)));
    const isAgent = has(...names.agent);
    if (!isAgent && !has(...names.analysis)) continue;
    const role = isAgent ? 'agent' : has(...names.remote) ? 'server' : 'local';
    return { home, kind, role: typeSaid(home, root, kind) ?? role, version: versionOf(home, names.control) };
  }
  return undefined;
}

/** The number in front of a version. */
export const majorOf = ({ version }: Manager | NoManager): number | undefined =>
  version === undefined ? undefined : Number.parseInt(version, 10);

/** The programs that tell what an installation is. Those of Wazuh 5's manager have a longer name. */
const PROGRAMS = {
  wazuh: {
    agent: ['wazuh-agentd'],
    analysis: ['wazuh-analysisd', 'wazuh-manager-analysisd', 'wazuh-engine'],
    remote: ['wazuh-remoted', 'wazuh-manager-remoted'],
    control: ['wazuh-control', 'wazuh-manager-control'],
  },
  ossec: {
    agent: ['ossec-agentd'],
    analysis: ['ossec-analysisd'],
    remote: ['ossec-remoted'],
    control: ['ossec-control'],
  },
};

/** What OSSEC's installer wrote down: `local` has the same programs as `server`. */
function typeSaid(home: string, root: string, kind: Manager['kind']): Manager['role'] | undefined {
  if (kind !== 'ossec') return undefined;
  const text =
    readIfThere(join(home, 'etc/ossec-init.conf')) ?? readIfThere(join(root, 'etc/ossec-init.conf')) ?? '';
  const type = /^TYPE="(\w+)"/m.exec(text)?.[1];
  return type === 'server' || type === 'local' || type === 'agent' ? type : undefined;
}

/** The control script is a shell script with a line `VERSION="v4.14.7"`. */
function versionOf(home: string, controls: readonly string[]): string | undefined {
  for (const control of controls) {
    const version = /^VERSION="v?([^"]+)"/m.exec(readIfThere(join(home, 'bin', control)) ?? '')?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
