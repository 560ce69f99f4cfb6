import { EX, RiposteError } from '../../base/errors.ts';
import { lookForProgram } from '../../base/find-program.ts';
import type { Settings } from '../settings/settings.ts';
import type { Backend } from './backend.ts';
import { firewalld } from './firewalld.ts';
import type { Host } from './host.ts';
import { ipset } from './ipset.ts';
import { nftables } from './nftables.ts';
import { pf } from './pf.ts';

/**
 * The firewalls that firewall-drop can use. The setting `auto` takes the first that suits the host. The order prefers
 * nftables even on a host where firewalld runs, because our table survives firewalld's reloads and covers traffic
 * forwarded to containers.
 */
export const firewalls: Record<string, (settings: Settings) => Backend> = { pf, nftables, firewalld, ipset };

/**
 * The name of the firewall to use: the configured one, else the first that suits this host.
 *
 * @throws RiposteError (UNAVAILABLE) when none suits this host
 */
export function chooseFirewall(settings: Settings, env: NodeJS.ProcessEnv, root = '/'): string {
  const name =
    settings.backend === 'auto' ? Object.keys(firewalls).find(suits(settings, env, root)) : settings.backend;
  if (name !== undefined) return name;
  const path = env.PATH ?? '';
  throw new RiposteError(
    EX.UNAVAILABLE,
    `no firewall: PATH (${path}) has neither nft nor ipset and iptables; install nftables, or add its directory (often /usr/sbin) to PATH`,
  );
}

/** nft's messages when the kernel lacks nf_tables, or when its nf_tables is too old. */
const UNSUPPORTED = /not (supported|implemented)|cache init(?!.*not permitted)/i;

/**
 * The next firewall that `auto` tries if the kernel does not support `failed`.
 *
 * @param why the error message of the firewall `failed`
 */
export function nextFirewall(
  failed: string,
  why: string,
  settings: Settings,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (settings.backend !== 'auto' || !UNSUPPORTED.test(why)) return undefined;
  const names = Object.keys(firewalls).filter(suits(settings, env, '/'));
  return names[names.indexOf(failed) + 1];
}

/** Returns a function that tells whether a firewall suits this host. Each call searches the directories of PATH. */
function suits(settings: Settings, env: NodeJS.ProcessEnv, root: string): (name: string) => boolean {
  const host = hostOf(env, root);
  return (name) => firewalls[name]?.(settings).suits?.(host) === true;
}

/** The names of the firewalls that may hold our blocks on this host, including the configured one. */
export function presentFirewalls(settings: Settings, env: NodeJS.ProcessEnv, root = '/'): string[] {
  const host = hostOf(env, root);
  return Object.keys(firewalls).filter(
    (name) => name === settings.backend || firewalls[name]?.(settings).mayHold?.(host) !== false,
  );
}

const hostOf = (env: NodeJS.ProcessEnv, root: string): Host => ({
  root,
  has: (program) => lookForProgram(program, env.PATH) !== undefined,
});
