import { readFileSync } from 'node:fs';

/** What has started a process. */
export type Origin = 'ModSecurity' | 'systemd' | 'a terminal' | 'cron' | 'another program';

/**
 * What has started this process, for its log: told by what each of them leaves in the environment
 * (`UNIQUE_ID` and `REMOTE_ADDR`; `INVOCATION_ID`), by a terminal, and by the names of the parents.
 */
export function originOf(env: NodeJS.ProcessEnv, isTerminal: boolean, parents = namesOfParents()): Origin {
  if (env.UNIQUE_ID && env.REMOTE_ADDR) return 'ModSecurity';
  if (isTerminal) return 'a terminal';
  if (parents.some((name) => /^(cron|crond|fcron|anacron|CRON)$/.test(name))) return 'cron';
  return env.INVOCATION_ID ? 'systemd' : 'another program';
}

/** The names of the processes above this one, the nearest first; none where there is no /proc. */
function namesOfParents(pid = process.ppid): string[] {
  if (pid <= 1) return [];
  try {
    // The name stands in parentheses and may itself hold spaces and parentheses; the parent is the next but one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [name, ...namesOfParents(Number(parent))];
  } catch {
    return [];
  }
}
