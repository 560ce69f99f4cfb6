import { join } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { hasControls } from '../../active-response/printable.ts';
import { FIREWALLS } from '../install/firewall-units.ts';

/** The name under which systemd knows the server. */
export const UNIT = 'riposte.service';

/** What the unit depends on; all are absolute paths. */
export interface UnitPaths {
  /** The interpreter, and the program that it runs. */
  readonly node: string;
  readonly program: string;
  readonly home: string;
  /** The name of the response, where it is not the one that serve takes by itself. */
  readonly response?: string | undefined;
  /** What else the server writes: the directory of APACHE_FILE or of --alerts. */
  readonly writes?: readonly string[];
}

/**
 * A systemd unit that runs `riposte serve` with no more rights than it takes to block. It reads LOGS of riposte.conf.
 *
 * @throws RiposteError (USAGE) for a path that a unit cannot hold
 */
export function unitText({ node, program, home, response, writes = [] }: UnitPaths): string {
  const answer = response === undefined ? [] : ['--response', response];
  const own = [join(home, 'var/riposte'), join(home, 'logs')];
  return `[Unit]
Description=Riposte: reads the web server's logs and blocks who attacks it
Documentation=man:riposte(8)
# All of them empty the kernel's tables when they start.
After=network.target ${FIREWALLS}

[Service]
Type=notify
# systemd-notify speaks for it: Node has no sockets of that kind.
NotifyAccess=all
# Outside of the sandbox, in which what is not there cannot become writable.
ExecStartPre=+/bin/mkdir -p ${own.map(word).join(' ')}
ExecStart=${[node, program, 'serve', '--home', home, ...answer].map(word).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
# Wrong options, another server that runs, wrong settings: the same the next time.
RestartPreventExitStatus=${EX.USAGE} ${EX.TEMPFAIL} ${EX.CONFIG}
# In the journal it is no "node".
SyslogIdentifier=riposte
# First it reads what was written while it did not run.
TimeoutStartSec=infinity
# A program such as nft may take COMMAND_TIMEOUT.
TimeoutStopSec=60

# The hook's socket is in /run/riposte, and the one for metrics may be; the other is where scripts are answered.
RuntimeDirectory=riposte riposte-respond
RuntimeDirectoryMode=0750
ProtectSystem=strict
# All of /run: iptables has a lock there, which may not be there yet, and so have we for ipset and firewalld.
ReadWritePaths=${['/run', ...[...own, ...writes].map((path) => word(`-${path}`))].join(' ')}
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
UMask=0027

# To block (iptables of old needs NET_RAW); to read logs and write beside a manager whose files are not root's; to
# give the hook's socket to a group.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN
# The thread that answers scripts goes before them, which otherwise takes a capability.
LimitNICE=-20
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
# Not MemoryDenyWriteExecute: Node compiles what it runs.

[Install]
WantedBy=multi-user.target
`;
}

/** A word of a unit's line: quoted where it must be, `%` and `$` standing for themselves. */
function word(text: string): string {
  if (hasControls(text))
    throw new RiposteError(EX.USAGE, `a systemd unit cannot hold this path: ${JSON.stringify(text)}`);
  const escaped = text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s'"\\;]/.test(text) ? `"${escaped}"` : escaped;
}
