import { readFileSync } from 'node:fs';

/** The program that started a process. */
export type Origin = 'ModSecurity' | 'systemd' | 'a terminal' | 'cron' | 'another program';

/**
 * Finds the program that started this process, for its log: by the environment (`UNIQUE_ID` and `REMOTE_ADDR`;
 * `INVOCATION_ID`), by a terminal, and by the names of the parent processes.
 */
export function originOf(env: NodeJS.ProcessEnv, isTerminal: boolean, parents = namesOfParents()): Origin {
  if (env.UNIQUE_ID && env.REMOTE_ADDR) return 'ModSecurity';
  if (isTerminal) return 'a terminal';
  if (parents.some((name) => /^(cron|crond|fcron|anacron|CRON)$/.test(name))) return 'cron';
  return env.INVOCATION_ID ? 'systemd' : 'another program';
}

/** The names of the parent processes, the nearest first; none without /proc. */
function namesOfParents(pid = process.ppid): string[] {
  if (pid <= 1) return [];
  try {
    // The name, in parentheses, may itself contain spaces and parentheses; the parent's id is the second field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [name, ...namesOfParents(Number(parent))];
  } catch {
    return [];
  }
}
