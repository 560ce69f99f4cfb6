import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { RequestDirectory } from '../../daemon/request-directory.ts';
import { hasLiveSystemd } from '../../install/carry-out.ts';
import type { ManagedTarget } from '../../install/install-target.ts';
import type { Program } from '../../install/program.ts';
import { runProgram } from '../../install/restart.ts';
import { RESPOND_UNIT } from '../../install/units/respond-unit.ts';

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

/**
 * Proposes `riposte respond` beside Wazuh, whose execd runs scripts one after another. The figures are those of 50
 * alerts at once on a real Wazuh 4.14.7.
 */
export function proposeRespond({ manager, home }: ManagedTarget, io: Pick<Io, 'out'>): void {
  if (manager.kind !== 'wazuh' || new RequestDirectory(home).daemonStatus()?.isHeard) return;
  io.out(
    'Wazuh runs scripts one after another: for 50 alerts at once that takes about 9 s, with riposte respond 2 s; riposte install --respond starts it',
  );
}
