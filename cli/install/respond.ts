import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { RequestDirectory } from '../../daemon/request-directory.ts';
import { hasLiveSystemd } from '../../install/carry-out.ts';
import { alertsFileOf } from '../../install/desired-files.ts';
import { isWazuh5, type ManagedTarget } from '../../install/install-target.ts';
import { readManifest } from '../../install/manifest.ts';
import type { Program } from '../../install/program.ts';
import { runProgram } from '../../install/restart.ts';
import { RESPOND_UNIT } from '../../install/units/respond-unit.ts';
import { UNIT } from '../../install/units/serve-unit.ts';

const START: Program = ['systemctl', 'enable', '--now', RESPOND_UNIT];

/** @throws RiposteError (USAGE) where no unit of `riposte respond` can be started */
export function demandRespond(target: ManagedTarget): void {
  const { manager, home } = target;
  if (manager.kind === 'none')
    throw new RiposteError(
      EX.USAGE,
      '--respond has no effect without a manager: riposte serve needs no scripts; nothing was changed',
    );
  if (!hasLiveSystemd(target))
    throw new RiposteError(
      EX.USAGE,
      `--respond needs systemd on this host: without it, start riposte respond --home ${target.inside(home.root)} at boot; nothing was changed`,
    );
}

/** Starts `riposte respond`, now and at each boot. @throws RiposteError (UNAVAILABLE) */
export function startRespond(dryRun: boolean, io: Pick<Io, 'out'>): void {
  if (!dryRun) runProgram(START);
  io.out(`${dryRun ? 'would run' : 'started'}: ${START.join(' ')}`);
}

/** @throws RiposteError (USAGE) for `--serve` anywhere but on an agent of Wazuh 5 */
export function demandServe({ manager }: ManagedTarget, responds: boolean): void {
  if (manager.kind === 'none' || !isWazuh5(manager) || manager.role !== 'agent')
    throw new RiposteError(
      EX.USAGE,
      '--serve is for an agent of Wazuh 5: elsewhere the manager’s rules detect attacks, and without a manager --standalone installs riposte serve; nothing was changed',
    );
  if (responds)
    throw new RiposteError(
      EX.USAGE,
      '--serve and --respond exclude each other: riposte serve handles the scripts’ requests as well; nothing was changed',
    );
}

/**
 * Proposes a resident process beside Wazuh: on an agent of Wazuh 5 `riposte serve`, else `riposte respond`.
 *
 * @param serves undefined to keep the earlier choice
 */
export function proposeResident(
  target: ManagedTarget,
  serves: boolean | undefined,
  io: Pick<Io, 'out'>,
): void {
  const { manager, home, inside } = target;
  if (!isWazuh5(manager)) proposeRespond(target, io);
  else if (serves ?? readManifest(home)?.choice.serves) {
    const file = inside(alertsFileOf(home));
    io.out(
      `check LOGS in ${inside(home.settings[0] ?? '')}, then run: systemctl enable --now ${UNIT}; to show its alerts in Wazuh, add to ossec.conf: <localfile><log_format>syslog</log_format><location>${file}</location></localfile>`,
    );
  } else
    io.out(
      'a block through Wazuh 5 takes up to 100 seconds, and rules of Wazuh 5 cannot count; riposte install --serve adds riposte serve, which blocks at once',
    );
}

/**
 * Proposes `riposte respond` beside Wazuh, whose execd runs scripts one after another. The figures were measured with
 * 50 alerts at once on a real Wazuh 4.14.7.
 */
function proposeRespond({ manager, home }: ManagedTarget, io: Pick<Io, 'out'>): void {
  if (manager.kind !== 'wazuh' || new RequestDirectory(home).daemonStatus()?.isHeard) return;
  io.out(
    'Wazuh runs scripts one after another: 50 alerts at once take about 9 s, or 2 s with riposte respond; riposte install --respond starts it',
  );
}
