import { basename, dirname, join } from 'node:path';

/** Where everything of one installation lies. */
export interface Home {
  readonly root: string;
  /** riposte.conf: the first of these that exists counts. */
  readonly settings: readonly string[];
  readonly allowList: string;
  readonly activeResponsesLog: string;
  readonly blocks: string;
  readonly ended: string;
  readonly journal: string;
  readonly apache: string;
  /** The manager's own files, where there is a manager. */
  readonly arConf: string;
  readonly ossecConf: string;
}

/**
 * The home of the script that runs: the directory two above it when that is `active-response/bin` (so
 * `/var/ossec`), else RIPOSTE_HOME, else /var/lib/riposte.
 *
 * @param script absolute path of the running script, through a symlink the link's name
 */
export function findHome(script: string, env: NodeJS.ProcessEnv): Home {
  return homeAt(managerHome(script) ?? (env.RIPOSTE_HOME || '/var/lib/riposte'));
}

/** The files of the installation at `root`. */
export function homeAt(root: string): Home {
  const data = join(root, 'var/riposte');
  return {
    root,
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
  const isManagers = basename(bin) === 'bin' && basename(responses) === 'active-response';
  return isManagers ? dirname(responses) : undefined;
}
