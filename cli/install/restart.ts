import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { printable } from '../../active-response/printable.ts';
import { RESPOND_UNIT } from '../resident/unit.ts';
import { UNIT } from '../serve/unit.ts';
import type { ManagedSite } from './site.ts';
import { hasSystemd, TIMER_START } from './timer.ts';

export type Program = readonly [program: string, ...args: string[]];

/**
 * What makes the manager read its configuration. All of it: an execd of OSSEC's that is restarted alone is out of
 * reach for analysisd and agentd.
 */
export function restartCommand({ manager, root, inside }: ManagedSite): Program {
  if (manager.kind === 'none')
    return hasSystemd(root)
      ? ['systemctl', 'enable', '--now', UNIT]
      : [join(inside(manager.home), 'bin/riposte'), 'serve'];
  const unit = `wazuh-${manager.role === 'agent' ? 'agent' : 'manager'}`;
  if (manager.kind === 'wazuh' && root === '/' && hasSystemd(root) && hasUnit(root, unit))
    return ['systemctl', 'restart', unit];
  return [join(inside(manager.home), 'bin', `${manager.kind}-control`), 'restart'];
}

/** What has systemd read our units anew, and those that run go on as the new version. */
export function unitsStart({ manager }: ManagedSite): Program[] {
  return [...TIMER_START, ['systemctl', 'try-restart', manager.kind === 'none' ? UNIT : RESPOND_UNIT]];
}

/** Runs a program. @throws RiposteError (UNAVAILABLE) with what it said */
export function runProgram([program, ...args]: Program, root = '/'): void {
  const file = program.startsWith('/') ? join(root, program) : program;
  const { failed, all, shortMessage } = execaSync(file, args, { all: true, reject: false, stdin: 'ignore' });
  if (!failed) return;
  const said = all?.trim().split('\n').at(-1) || (shortMessage ?? 'failed');
  throw new RiposteError(EX.UNAVAILABLE, `${[program, ...args].join(' ')}: ${printable(said, 300)}`);
}

const hasUnit = (root: string, unit: string): boolean =>
  ['etc', 'usr/lib', 'lib'].some((place) => existsSync(join(root, place, `systemd/system/${unit}.service`)));
