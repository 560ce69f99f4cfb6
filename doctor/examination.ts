import { join } from 'node:path';
import type { Home } from '../active-response/home.ts';
import { ownSettings } from '../active-response/response/own-settings.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { type AllSettings, loadAllSettings } from '../active-response/settings/server-settings.ts';
import { RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import type { Dialect } from '../engine/dialect.ts';
import { type Manager, majorOf, managerAt } from '../install/manager/manager.ts';
import { configurationHost } from '../logs/configuration/configuration-host.ts';
import type { ServerConfiguration } from '../logs/configuration/configured-log.ts';
import type { ConfigurationHost } from '../logs/configuration/host.ts';
import { webServers } from '../logs/configuration/web-servers.ts';
import { type Conf, readConf } from './conf.ts';
import { type Daemon, daemonsOf, type ServicePath, servicePathOf } from './service.ts';

/** The state of an installation, read once for all checks. */
export interface Examination {
  readonly home: Home;
  /** The root of the file system to which the home belongs: `/`, unless the home is in the tree of another host. */
  readonly root: string;
  readonly manager: Manager | undefined;
  readonly dialect: Dialect;
  /** True if this ossec.conf decides which alerts get which response: on servers of OSSEC and Wazuh 4. */
  readonly decides: boolean;
  readonly conf: Conf | undefined;
  /** The reason if ossec.conf could not be read. */
  readonly confError: string | undefined;
  /** etc/shared/agent.conf, which the manager sends to its agents. */
  readonly agentConf: Conf | undefined;
  readonly arConf: string | undefined;
  readonly daemons: readonly Daemon[];
  readonly service: ServicePath;
  /** The settings of riposte.conf, without its invalid lines. */
  readonly settings: AllSettings;
  readonly settingsErrors: readonly string[];
  /** The host's files and programs, for the readers of web servers' configurations. */
  readonly configurationHost: ConfigurationHost;
  /** The web servers' configurations of their logs, read at the first call. */
  readonly webServers: () => readonly ServerConfiguration[];
  /** Error messages about everything that `examine` could not read. */
  readonly unseen: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Reads the installation at `home`. Errors go to `unseen`, and the examination continues. */
export function examine(home: Home, env: NodeJS.ProcessEnv): Examination {
  const unseen: string[] = [];
  const attempt = <T>(look: () => T, otherwise: T): T => {
    try {
      return look();
    } catch (error) {
      unseen.push((error as Error).message);
      return otherwise;
    }
  };
  const root = rootOf(home.root);
  const manager = managerAt(home.root, root);
  const dialect = manager?.kind ?? 'ossec';
  const daemons = attempt(() => daemonsOf(home.root), []);
  const yours = { path: env.PATH ?? '', source: 'yours' };
  const settingsErrors: string[] = [];
  const settingsOf = (files: readonly string[]) =>
    loadAllSettings(files, (message) => settingsErrors.push(message), ownSettings(RESPONSES));
  const settings = attempt(() => settingsOf(home.settings), settingsOf([]));
  const host = configurationHost(root, settings.commandTimeout);
  return {
    home,
    root,
    manager,
    dialect,
    decides: manager !== undefined && manager.role !== 'agent' && !isWazuh5(manager),
    ...readOssecConf(home.ossecConf, dialect),
    agentConf: attempt(() => readConf(join(home.root, 'etc/shared/agent.conf'), dialect), undefined),
    arConf: attempt(() => readIfThere(home.arConf), undefined),
    daemons,
    service: manager === undefined ? yours : attempt(() => servicePathOf(daemons), yours),
    settings,
    settingsErrors,
    configurationHost: host,
    webServers: once(() => webServers(host)),
    unseen,
    env,
    isRoot: process.getuid?.() === 0,
    now: Date.now(),
  };
}

/** Wazuh 5 has neither ar.conf nor responses in ossec.conf. */
export const isWazuh5 = (manager: Manager | undefined): boolean =>
  manager?.kind === 'wazuh' && (majorOf(manager) ?? 4) >= 5;

/** The manager of Wazuh 5 runs no response and reads no log; its agents do. */
export const isServerOfWazuh5 = (manager: Manager | undefined): boolean =>
  isWazuh5(manager) && manager?.role === 'server';

/** The command that makes the manager read its configuration again. */
export function restartOf({ home, manager, dialect }: Examination): string {
  const name =
    isWazuh5(manager) && manager?.role === 'server' ? 'wazuh-manager-control' : `${dialect}-control`;
  return `${home.root}/bin/${name} restart`;
}

/** The real path of a file that this installation's configuration names. */
export function fileAt({ root, home }: Pick<Examination, 'root' | 'home'>, path: string): string {
  return path.startsWith('/') ? join(root, path) : join(home.root, path);
}

/**
 * The part of the path before a usual home: `/srv/image` for `/srv/image/var/ossec`, a home in an image of another
 * host.
 */
function rootOf(home: string): string {
  const [, root] = /^(.*)\/(?:var\/ossec|var\/wazuh-manager|var\/lib\/riposte)$/.exec(home) ?? [];
  return root || '/';
}

function once<T>(look: () => T): () => T {
  let seen: { readonly value: T } | undefined;
  return () => {
    seen ??= { value: look() };
    return seen.value;
  };
}

function readOssecConf(file: string, dialect: Dialect): Pick<Examination, 'conf' | 'confError'> {
  try {
    return { conf: readConf(file, dialect), confError: undefined };
  } catch (error) {
    if (error instanceof RiposteError) return { conf: undefined, confError: error.message };
    throw error;
  }
}
