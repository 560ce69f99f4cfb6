import { EX } from '../../base/errors.ts';
import { sandbox } from '../sandbox.ts';
import { notifyingService } from './notifying-service.ts';

/** The name of the unit that runs `riposte respond`. */
export const RESPOND_UNIT = 'riposte-respond.service';

/**
 * The systemd unit that runs `riposte respond` beside a manager.
 *
 * @param program the installed command @param home its home; both as the host sees them
 */
export const respondUnit = (program: string, home: string): string => `[Unit]
Description=Riposte: handles the requests of the manager's scripts
${notifyingService()}
ExecStart=${program} respond --home ${home}
Restart=always
RestartSec=1
# Wrong options, another daemon, wrong settings: a restart would not help.
RestartPreventExitStatus=${EX.USAGE} ${EX.TEMPFAIL} ${EX.CONFIG}
# A program such as nft may take COMMAND_TIMEOUT.
TimeoutStopSec=60
# Has priority over the hundreds of shells that wait for its replies.
Nice=-10
# The directory in which scripts and daemon exchange requests and replies.
RuntimeDirectory=riposte-respond
RuntimeDirectoryMode=0755
${sandbox(home)}

[Install]
WantedBy=multi-user.target
`;
