import { readFileSync } from 'node:fs';
import { type Address, addressesIn } from '../../base/address.ts';

/**
 * Returns the address from which the operator is logged in by SSH. If this process's environment does not have it and
 * the process runs on a terminal, uses the nearest ancestor's environment, because sudo clears the variable. Empty when
 * there is no SSH login.
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
    // The command name is in parentheses and may itself contain spaces and parentheses.
    const [, , parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, ')').split(' ');
    return parentsConnection(Number(parent));
  } catch {
    return undefined; // not Linux, or no permission to read it
  }
}
