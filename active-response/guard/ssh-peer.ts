import { readFileSync } from 'node:fs';
import { type Address, addressesIn } from '../address.ts';

/**
 * The address from which the person at the keyboard is logged in by SSH: from this process's environment, or
 * on a terminal from its parents', where sudo has cleared ours. None where nobody is.
 */
export function sshPeer(env: NodeJS.ProcessEnv, onTerminal: boolean): Address[] {
  const parents = onTerminal ? parentsConnection(process.ppid) : undefined;
  const connection = env.SSH_CONNECTION || env.SSH_CLIENT || parents;
  return addressesIn(connection?.split(' ')[0]);
}

function parentsConnection(pid: number): string | undefined {
  if (pid <= 1) return undefined;
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    const found = variables.find((variable) => variable.startsWith('SSH_CONNECTION='));
    if (found !== undefined) return found.slice('SSH_CONNECTION='.length);
    // The command name stands in parentheses and may itself hold spaces and parentheses.
    const [, , parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, ')').split(' ');
    return parentsConnection(Number(parent));
  } catch {
    return undefined; // not Linux, or not ours to read
  }
}
