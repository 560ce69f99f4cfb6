import { EX } from '../../active-response/errors.ts';
import { FIREWALLS } from '../install/firewall-units.ts';
import { sandbox } from '../install/sandbox.ts';

/** The name under which systemd knows what answers the scripts. */
export const RESPOND_UNIT = 'riposte-respond.service';

/**
 * A unit of systemd that runs `riposte respond` beside a manager.
 *
 * @param program the installed command @param home its home; both as the host sees them
 */
export const respondUnit = (program: string, home: string): string => `[Unit]
Description=Riposte: answers the scripts that the manager runs
Documentation=man:riposte(8)
# All of them empty the kernel's tables when they start.
After=network.target ${FIREWALLS}

[Service]
Type=notify
# systemd-notify speaks for it: Node has no sockets of that kind.
NotifyAccess=all
ExecStart=${program} respond --home ${home}
Restart=always
RestartSec=1
# Wrong options, another process that answers already, wrong settings: the same the next time.
RestartPreventExitStatus=${EX.USAGE} ${EX.TEMPFAIL} ${EX.CONFIG}
# A program such as nft may take COMMAND_TIMEOUT.
TimeoutStopSec=60
# Before hundreds of shells that wait for its answer.
Nice=-10
# Where it meets them.
RuntimeDirectory=riposte-respond
RuntimeDirectoryMode=0755
${sandbox(home)}

[Install]
WantedBy=multi-user.target
`;
