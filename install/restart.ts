import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import type { ManagedTarget } from './install-target.ts';
import type { Program } from './program.ts';
import { runWithin } from './run-within.ts';
import { RESPOND_UNIT } from './units/respond-unit.ts';
import { UNIT } from './units/serve-unit.ts';
import { hasSystemd, hasUnit, TIMER_START } from './units/timer.ts';

/**
 * The command that makes the manager read its configuration. It restarts the whole manager: if only
 * OSSEC's execd is restarted, analysisd and agentd cannot reach it.
 */
export function restartCommand({ manager, root, inside }: ManagedTarget): Program {
  if (manager.kind === 'none')
    return hasSystemd(root)
      ? ['systemctl', 'enable', '--now', UNIT]
      : [join(inside(manager.home), 'bin/riposte'), 'serve'];
  const unit = `wazuh-${manager.role === 'agent' ? 'agent' : 'manager'}`;
  if (manager.kind === 'wazuh' && root === '/' && hasSystemd(root) && hasUnit(root, `${unit}.service`))
    return ['systemctl', 'restart', unit];
  return [join(inside(manager.home), 'bin', `${manager.kind}-control`), 'restart'];
}

/** The commands that make systemd read our units again, and restart the running ones. */
export function unitsStart({ manager, root }: ManagedTarget): Program[] {
  const serves = existsSync(join(root, 'etc/systemd/system', UNIT)) ? [UNIT] : [];
  const units = manager.kind === 'none' ? [UNIT] : [RESPOND_UNIT, ...serves];
  return [...TIMER_START, ['systemctl', 'try-restart', ...units]];
}

/** The time limit of `runProgram`, in milliseconds: a unit may take a minute to stop. */
const TIME_LIMIT = 120_000;

/** Runs a program that leaves no process behind. @throws RiposteError (UNAVAILABLE) with the last line of its output */
export function runProgram([program, ...args]: Program, root = '/'): void {
  const file = program.startsWith('/') ? join(root, program) : program;
  const { said, failed, reason } = runWithin(TIME_LIMIT, file, args);
  if (!failed) return;
  const why = said.trim().split('\n').at(-1) || reason;
  throw new RiposteError(EX.UNAVAILABLE, `${[program, ...args].join(' ')}: ${printable(why, 300)}`);
}
