import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The paths of one installation. */
export interface Home {
  readonly root: string;
  /** The directory of Riposte's own data. */
  readonly data: string;
  /** Candidates for riposte.conf; Riposte reads the first that exists. */
  readonly settings: readonly string[];
  readonly allowList: string;
  readonly activeResponsesLog: string;
  readonly blocks: string;
  readonly ended: string;
  readonly journal: string;
  readonly apache: string;
  /** The manager's own files, if there is a manager. */
  readonly arConf: string;
  readonly ossecConf: string;
}

/**
 * The home of the running script. For a script in a directory `active-response/bin`: the directory that contains
 * `active-response`, such as `/var/ossec`. Else the environment's RIPOSTE_HOME, else /var/lib/riposte.
 *
 * @param script absolute path of the running script; if a symlink was called, the link's path
 */
export function findHome(script: string, env: NodeJS.ProcessEnv): Home {
  return homeAt(managerHome(script) ?? (env.RIPOSTE_HOME || '/var/lib/riposte'));
}

/** The paths of the installation at `root`. */
export function homeAt(root: string): Home {
  const data = join(root, 'var/riposte');
  return {
    root,
    data,
    settings: [join(root, 'etc/riposte.conf'), '/etc/riposte.conf'],
    allowList: join(root, 'etc/riposte.allow'),
    activeResponsesLog: join(root, 'logs/active-responses.log'),
    blocks: join(data, 'blocks'),
    ended: join(data, 'ended'),
    journal: join(data, 'events.jsonl'),
    apache: join(data, 'apache'),
    arConf: join(root, 'etc/shared/ar.conf'),
    ossecConf: join(root, 'etc/ossec.conf'),
  };
}

function managerHome(script: string): string | undefined {
  const bin = dirname(script);
  const responses = dirname(bin);
  const isInManager = basename(bin) === 'bin' && basename(responses) === 'active-response';
  return isInManager ? dirname(responses) : undefined;
}

/** True if Riposte's scripts are installed in this home. */
export const hasRiposte = (home: string): boolean =>
  existsSync(join(home, 'active-response/bin/firewall-drop.js'));

/** The path of a response's installed script, for log lines. */
export const scriptOf = (home: Home, response: string): string =>
  join(home.root, 'active-response/bin', `${response}.js`);
