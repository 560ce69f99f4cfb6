import { statSync } from 'node:fs';
import { EX, RiposteError } from './errors.ts';

/** The directories to search when the environment has no PATH. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Debian's package for each program, named in the error message. */
const PACKAGES: Record<string, string> = {
  nft: 'nftables',
  ip: 'iproute2',
  ipset: 'ipset',
  iptables: 'iptables',
  ip6tables: 'iptables',
  'iptables-restore': 'iptables',
  'ip6tables-restore': 'iptables',
  'firewall-cmd': 'firewalld',
  journalctl: 'systemd',
  xz: 'xz-utils',
  bzip2: 'bzip2',
  zstd: 'zstd',
};

/** The absolute path of a program. @throws RiposteError (UNAVAILABLE) when it is not in PATH */
export function findProgram(program: string, path: string | undefined): string {
  const file = lookForProgram(program, path);
  if (file !== undefined) return file;
  const advice = PACKAGES[program] ? `; install ${PACKAGES[program]}` : '';
  throw new RiposteError(EX.UNAVAILABLE, `${program} is not in PATH (${path || DEFAULT_PATH})${advice}`);
}

/** The absolute path of a program, or undefined. */
export function lookForProgram(program: string, path: string | undefined): string | undefined {
  if (program.startsWith('/')) return isExecutable(program) ? program : undefined;
  for (const directory of (path || DEFAULT_PATH).split(':')) {
    const file = `${directory}/${program}`;
    if (directory.startsWith('/') && isExecutable(file)) return file;
  }
  return undefined;
}

/**
 * Checks the mode: accessSync throws for each directory without the program, and these errors cost more than the rest
 * of the search.
 */
function isExecutable(file: string): boolean {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
  } catch {
    return false; // a directory that we may not enter
  }
}
