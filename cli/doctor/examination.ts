import { join } from 'node:path';
import { RiposteError } from '../../active-response/errors.ts';
import { readIfThere } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import type { Dialect } from '../../engine/dialect.ts';
import { type Manager, majorOf, managerAt } from '../manager/manager.ts';
import { type Conf, readConf } from './conf.ts';
import { type Daemon, daemonsOf, type ServicePath, servicePathOf } from './service.ts';

/** What is known of an installation, read once, for all checks. */
export interface Examination {
  readonly home: Home;
  /** The file system that the home belongs to: `/`, but for one that lies below another root. */
  readonly root: string;
  readonly manager: Manager | undefined;
  readonly dialect: Dialect;
  /** ossec.conf decides here which alerts are answered, and by what: OSSEC's and Wazuh 4's server. */
  readonly decides: boolean;
  readonly conf: Conf | undefined;
  /** Why ossec.conf could not be read. */
  readonly confError: string | undefined;
  /** etc/shared/agent.conf, which the manager sends to its agents. */
  readonly agentConf: Conf | undefined;
  readonly arConf: string | undefined;
  readonly daemons: readonly Daemon[];
  readonly service: ServicePath;
  /** riposte.conf, without its wrong lines. */
  readonly settings: Settings;
  readonly settingsErrors: readonly string[];
  /** What could not be looked at, and why. */
  readonly unseen: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Looks at the installation at `home`. What is not ours to see is told of in `unseen`. */
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
    loadSettings(files, new Map(), (message) => settingsErrors.push(message));
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
    settings: attempt(() => settingsOf(home.settings), settingsOf([])),
    settingsErrors,
    unseen,
    env,
    isRoot: process.getuid?.() === 0,
    now: Date.now(),
  };
}

/** Wazuh 5 has neither ar.conf nor responses in ossec.conf. */
export const isWazuh5 = (manager: Manager | undefined): boolean =>
  manager?.kind === 'wazuh' && (majorOf(manager) ?? 4) >= 5;

/** The command that has the manager read its configuration again. */
export function restartOf({ home, manager, dialect }: Examination): string {
  const name =
    isWazuh5(manager) && manager?.role === 'server' ? 'wazuh-manager-control' : `${dialect}-control`;
  return `${home.root}/bin/${name} restart`;
}

/** A file by its path as this installation's configuration has it. */
export function fileAt({ root, home }: Pick<Examination, 'root' | 'home'>, path: string): string {
  return path.startsWith('/') ? join(root, path) : join(home.root, path);
}

/** A tree of a host that is being prepared ends like a usual home: `/srv/image/var/ossec`. */
function rootOf(home: string): string {
  const [, root] = /^(.*)\/(?:var\/ossec|var\/wazuh-manager|var\/lib\/riposte)$/.exec(home) ?? [];
  return root || '/';
}

function readOssecConf(file: string, dialect: Dialect): Pick<Examination, 'conf' | 'confError'> {
  try {
    return { conf: readConf(file, dialect), confError: undefined };
  } catch (error) {
    if (error instanceof RiposteError) return { conf: undefined, confError: error.message };
    throw error;
  }
}
