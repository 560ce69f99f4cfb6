import { join } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import { hasControls } from '../base/printable.ts';

/**
 * The sandbox of riposte-respond. It is not stricter, because the program runs the programs of the backends and
 * apachectl, writes to APACHE_FILE, may load kernel modules, and Node compiles code at run time.
 */
export const sandbox = (home: string) => `ReadWritePaths=-${home}
ProtectSystem=yes
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native`;

/**
 * The directories of the files that web servers and HAProxy read, as their pages in docs/ describe: a server's user
 * cannot enter every home. The last directory is for nginx -t, which opens the logs.
 */
export const SERVER_FILES = [
  '/var/lib/riposte/apache',
  '/var/lib/riposte/nginx',
  '/var/lib/riposte/haproxy',
  '/var/log/nginx',
];

/**
 * The capabilities to block (old iptables needs NET_RAW), to read logs, and to write in the home of a manager whose
 * files do not belong to root.
 */
const TO_BLOCK = 'CAP_NET_ADMIN CAP_NET_RAW CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN';

/** The permissions of a sandbox besides the permissions for blocking. */
export interface Permissions {
  readonly writes?: readonly string[];
  /** More capabilities. */
  readonly capabilities?: string;
}

/**
 * The sandbox of the server, the sweep and the restore: the least privileges that blocking needs.
 *
 * @throws RiposteError (USAGE) for a path that a unit cannot hold
 */
export function strictSandbox(home: string, { writes = [], capabilities = '' }: Permissions = {}): string {
  const own = [join(home, 'var/riposte'), join(home, 'logs')];
  return `ProtectSystem=strict
# All of /run: iptables and the backends may have to create their locks there.
ReadWritePaths=${['/run', ...[...own, ...writes].map((path) => word(`-${path}`))].join(' ')}
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
UMask=0027
CapabilityBoundingSet=${[TO_BLOCK, capabilities].join(' ').trim()}
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# No MemoryDenyWriteExecute: Node compiles code while it runs.`;
}

/** A word of a unit's line: quoted when necessary, `%` and `$` escaped. */
export function word(text: string): string {
  if (hasControls(text))
    throw new RiposteError(EX.USAGE, `a systemd unit cannot hold this path: ${JSON.stringify(text)}`);
  const escaped = text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s'"\\;]/.test(text) ? `"${escaped}"` : escaped;
}
