import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { EX, RiposteError } from '../errors.ts';

/** Where programs are looked for when the environment says nothing. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Debian's package for each program, for the message. */
const PACKAGES: Record<string, string> = {
  nft: 'nftables',
  ip: 'iproute2',
  ipset: 'ipset',
  iptables: 'iptables',
  ip6tables: 'iptables',
  'iptables-restore': 'iptables',
  'ip6tables-restore': 'iptables',
  'firewall-cmd': 'firewalld',
};

/** The absolute path of a program. @throws RiposteError (UNAVAILABLE) when PATH has none */
export function findProgram(program: string, path: string | undefined): string {
  const file = lookForProgram(program, path);
  if (file !== undefined) return file;
  const advice = PACKAGES[program] ? `; install ${PACKAGES[program]}` : '';
  throw new RiposteError(EX.UNAVAILABLE, `${program} is not in PATH (${path || DEFAULT_PATH})${advice}`);
}

/** The absolute path of a program, or undefined. */
export function lookForProgram(program: string, path: string | undefined): string | undefined {
  const directories = isAbsolute(program) ? [''] : (path || DEFAULT_PATH).split(':').filter(isAbsolute);
  return directories.map((directory) => join(directory, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
