import { join } from 'node:path';
import { EX } from '../../base/errors.ts';
import { strictSandbox, word } from '../sandbox.ts';
import { notifyingService } from './notifying-service.ts';

/** The name of the unit that runs `riposte serve`. */
export const UNIT = 'riposte.service';

/** The paths in the unit, all absolute. */
export interface UnitPaths {
  /** The interpreter, and the program. */
  readonly node: string;
  readonly program: string;
  readonly home: string;
  /** The name of the response, if not the default of serve. */
  readonly response?: string | undefined;
  /** The file of alerts that a manager reads. */
  readonly alerts?: string | undefined;
  /** More paths that the server writes: the directories of APACHE_FILE and the like, or of --alerts. */
  readonly writes?: readonly string[];
}

/**
 * The systemd unit that runs `riposte serve` with the least privileges for blocking. It reads LOGS of riposte.conf.
 *
 * @throws RiposteError (USAGE) for a path that a unit cannot hold
 */
export function unitText({ node, program, home, response, alerts, writes = [] }: UnitPaths): string {
  const options = [
    ...(response === undefined ? [] : ['--response', response]),
    ...(alerts === undefined ? [] : ['--alerts', alerts]),
  ];
  const own = [join(home, 'var/riposte'), join(home, 'logs')];
  return `[Unit]
Description=Riposte: reads the web server's logs and blocks attackers
${notifyingService()}
# Runs outside of the sandbox, in which a missing directory cannot become writable.
ExecStartPre=+/bin/mkdir -p ${own.map(word).join(' ')}
ExecStart=${[node, program, 'serve', '--home', home, ...options].map(word).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
# Wrong options, another server that runs, wrong settings: a restart would not help.
RestartPreventExitStatus=${EX.USAGE} ${EX.TEMPFAIL} ${EX.CONFIG}
# Otherwise the journal would say "node".
SyslogIdentifier=riposte
# riposte serve first reads the lines that were written while it was stopped.
TimeoutStartSec=infinity
# A program such as nft may take COMMAND_TIMEOUT.
TimeoutStopSec=60

# /run/riposte has the sockets of the hook and of the metrics; /run/riposte-respond has the requests of the scripts.
RuntimeDirectory=riposte riposte-respond
RuntimeDirectoryMode=0750
${strictSandbox(home, { writes })}
# The thread that handles scripts raises its priority, which needs a capability without this limit.
LimitNICE=-20

[Install]
WantedBy=multi-user.target
`;
}
