import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../base/files.ts';

/** An installation of OSSEC or Wazuh on this host. */
export interface Manager {
  /** Its directory, such as /var/ossec. */
  readonly home: string;
  readonly kind: 'ossec' | 'wazuh';
  /** The role of this host; `local` is a server without agents (OSSEC only). */
  readonly role: 'server' | 'local' | 'agent';
  /** `4.14.7`; undefined when its own programs do not print it. */
  readonly version: string | undefined;
}

/** A host without a manager, whose logs `riposte serve` reads. */
export interface NoManager {
  readonly home: string;
  readonly kind: 'none';
  readonly role: 'local';
  readonly version: undefined;
}

/** The default directories of OSSEC and Wazuh; the last is the directory of Wazuh 5's manager (not agent). */
const USUAL_HOMES = ['/var/ossec', '/opt/ossec', '/usr/local/ossec', '/var/wazuh-manager'];

/**
 * Finds every installation below `root` (`/`, except in tests and for packagers), each only once, by the first path
 * that leads to it, because /var/ossec is often a link to a larger disk.
 */
export function findManagers(root = '/'): Manager[] {
  const configured = /^DIRECTORY="(.+)"/m.exec(readIfThere(join(root, 'etc/ossec-init.conf')) ?? '')?.[1];
  const named = [...(configured === undefined ? [] : [configured]), ...USUAL_HOMES].map((home) =>
    join(root, home),
  );
  const homes = new Map<string, string>();
  for (const home of named.filter((each) => existsSync(each))) {
    const real = realpathSync(home);
    if (isWithin(root, real) && !homes.has(real)) homes.set(real, home);
  }
  return [...homes.values()].flatMap((home) => managerAt(home, root) ?? []);
}

/**
 * False when the path is outside of `root`: an absolute link in another host's file system may lead into this host's.
 */
export const isWithin = (root: string, path: string): boolean => root === '/' || path.startsWith(`${root}/`);

/** The installation in this directory, or undefined. */
export function managerAt(home: string, root = '/'): Manager | undefined {
  for (const [kind, names] of Object.entries(PROGRAMS) as [Manager['kind'], typeof PROGRAMS.ossec][]) {
    const has = (...programs: string[]) => programs.some((program) => existsSync(join(home, 'bin', program)));
    const isAgent = has(...names.agent);
    if (!isAgent && !has(...names.analysis)) continue;
    const role = isAgent ? 'agent' : has(...names.remote) ? 'server' : 'local';
    return {
      home,
      kind,
      role: recordedRole(home, root, kind) ?? role,
      // The control script of OSSEC 4.3.0 still says 4.2.0.
      version: (kind === 'ossec' ? recordedVersion(home, root) : undefined) ?? versionOf(home, names.control),
    };
  }
  return undefined;
}

/** `OSSEC 4.3.0, server, in /var/ossec`. @param home the directory as the host sees it */
export const describeManager = (
  { kind, role, version = 'of unknown version' }: Manager,
  home: string,
): string => `${kind === 'ossec' ? 'OSSEC' : 'Wazuh'} ${version}, ${role}, in ${home}`;

/**
 * True for OSSEC's server: its remoted sends nothing to an agent before the agent has sent something (send_msg in
 * sendmsg.c).
 */
export const waitsForAgents = ({ kind, role }: Pick<Manager | NoManager, 'kind' | 'role'>): boolean =>
  kind === 'ossec' && role === 'server';

/** The consequence of a server's restart for its agents. */
export const AGENTS_WAIT =
  'an agent runs no response until this server has heard from the agent, which takes up to 10 minutes. To shorten the wait, run /var/ossec/bin/ossec-control restart on the agent: half a minute later, the agent has the new list of responses';

/** The advice after an install. */
export const AGENTS_NAMED = 'riposte doctor on this server names the agents that still wait';

/** The major version. */
export const majorOf = ({ version }: Manager | NoManager): number | undefined =>
  version === undefined ? undefined : Number.parseInt(version, 10);

/** The programs that identify an installation. The programs of Wazuh 5's manager have longer names. */
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

/** The role that OSSEC's installer recorded: `local` has the same programs as `server`. */
function recordedRole(home: string, root: string, kind: Manager['kind']): Manager['role'] | undefined {
  if (kind !== 'ossec') return undefined;
  const type = /^TYPE="(\w+)"/m.exec(initConf(home, root))?.[1];
  return type === 'server' || type === 'local' || type === 'agent' ? type : undefined;
}

/** The version that OSSEC's installer recorded. */
const recordedVersion = (home: string, root: string): string | undefined =>
  /^VERSION="v?([^"]+)"/m.exec(initConf(home, root))?.[1];

/** The notes of OSSEC's installer; empty when they are missing, or about another directory. */
function initConf(home: string, root: string): string {
  const text = readIfThere(join(home, 'etc/ossec-init.conf'));
  if (text !== undefined) return text;
  const general = readIfThere(join(root, 'etc/ossec-init.conf')) ?? '';
  const directory = /^DIRECTORY="(.+)"/m.exec(general)?.[1];
  const isAbout = directory === undefined || resolvesTo(join(root, directory)) === resolvesTo(home);
  return isAbout ? general : '';
}

const resolvesTo = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/** Reads the version from the control script, which has a line `VERSION="v4.14.7"`. */
function versionOf(home: string, controls: readonly string[]): string | undefined {
  for (const control of controls) {
    const version = /^VERSION="v?([^"]+)"/m.exec(readIfThere(join(home, 'bin', control)) ?? '')?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
