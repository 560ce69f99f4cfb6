import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../errors.ts';
import type { Settings } from '../settings/settings.ts';
import type { Backend } from './backend.ts';
import { lookForProgram } from './find-program.ts';
import { firewalld, policyFile } from './firewalld.ts';
import { ipset } from './ipset.ts';
import { nftables } from './nftables.ts';
import { pf } from './pf.ts';

/** The firewalls that firewall-drop can block with. */
export const firewalls: Record<string, (settings: Settings) => Backend> = { nftables, ipset, firewalld, pf };

/** Where systemd has its control groups, by cgroup v2 and v1. */
const GROUPS = ['sys/fs/cgroup', 'sys/fs/cgroup/systemd'];

/**
 * The name of the firewall to block with: the one that is set, else what this host has.
 *
 * @throws RiposteError (UNAVAILABLE) when it has none
 */
export function chooseFirewall({ backend }: Settings, env: NodeJS.ProcessEnv, root = '/'): string {
  if (backend !== 'auto') return backend;
  const has = (program: string) => lookForProgram(program, env.PATH) !== undefined;
  if (process.platform.endsWith('bsd')) return 'pf';
  // Also where firewalld runs: our table survives its reloads, and stops what it forwards to containers.
  if (has('nft')) return 'nftables';
  if (has('firewall-cmd') && firewalldRuns(root)) return 'firewalld';
  if (has('ipset') && has('iptables')) return 'ipset';
  const path = env.PATH ?? '';
  throw new RiposteError(
    EX.UNAVAILABLE,
    `no firewall: neither nft nor ipset and iptables in PATH (${path}); install nftables`,
  );
}

/** The firewalls that may hold blocks of ours: to look at the others would load a kernel module, or fail. */
export function presentFirewalls({ backend }: Settings, env: NodeJS.ProcessEnv, root = '/'): string[] {
  const has = (program: string) => lookForProgram(program, env.PATH) !== undefined;
  const present = {
    nftables: has('nft'),
    ipset: has('ipset') && existsSync('/sys/module/ip_set'),
    // Our first block there leaves this file; without it firewall-cmd, which takes half a second, has nothing to say.
    firewalld:
      existsSync(join(root, policyFile('riposte-host'))) && has('firewall-cmd') && firewalldRuns(root),
    pf: has('pfctl'),
  };
  const names = Object.keys(firewalls) as (keyof typeof present)[];
  return names.filter((name) => present[name] || name === backend);
}

/** As a unit of systemd it writes no pid file (--nopid), and has a control group while it is up. */
const firewalldRuns = (root: string): boolean =>
  isRunning(join(root, 'run/firewalld.pid')) ||
  GROUPS.some((groups) => existsSync(join(root, groups, 'system.slice/firewalld.service')));

function isRunning(pidFile: string): boolean {
  if (!existsSync(pidFile)) return false;
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
