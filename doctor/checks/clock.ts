import { existsSync, statSync } from 'node:fs';
import { RiposteError } from '../../base/errors.ts';
import { realExecutor } from '../../base/execute.ts';
import { lookForProgram } from '../../base/find-program.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { ledgerOf } from '../ledger-entries.ts';
import { lastLines } from '../tail.ts';
import type { Check } from './check.ts';

/** A time may be in the future by at most this, in milliseconds. */
const TOLERANCE = 60_000;

/** Checks that no recorded time is in the future: with a clock that was set back, blocks end too late. */
export const clock: Check = (examined) => {
  const wrong = [...fromTheFuture(examined), ...notSynchronised(examined)];
  return orOk(
    wrong,
    `${new Date(examined.now).toISOString().slice(0, 19)}Z, and no recorded time is in the future`,
  );
};

function fromTheFuture(examined: Examination): Judged[] {
  const { home, now } = examined;
  const files = [home.activeResponsesLog, home.journal, home.ossecConf].filter((file) => existsSync(file));
  const times: [what: string, time: number][] = [
    ...files.map((file): [string, number] => [`the last change of ${file}`, statSync(file).mtimeMs]),
    [`the last event of ${home.journal}`, lastEvent(home.journal)],
    ...ledgerOf(examined).blocks.map((block): [string, number] => [
      `the block of ${block.address} by ${block.response}`,
      Date.parse(block.since),
    ]),
  ];
  const late = times.filter(([, time]) => time > now + TOLERANCE);
  const [newest] = late.sort(([, a], [, b]) => b - a);
  if (newest === undefined) return [];
  const [what, time] = newest;
  const seen = `the clock says ${new Date(now).toISOString()}, but ${what} has the time ${new Date(time).toISOString()}`;
  return [problem(`${seen}: blocks end at the wrong time`, 'set the clock: timedatectl set-ntp true')];
}

function notSynchronised({ env }: Examination): Judged[] {
  if (lookForProgram('timedatectl', env.PATH) === undefined) return [];
  try {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    const { ok, stdout } = realExecutor(2, { PATH: env.PATH }).look({ program: 'timedatectl', args });
    if (!ok || stdout.trim() !== 'no') return [];
    return [warning('the clock is not synchronised', 'timedatectl set-ntp true')];
  } catch (error) {
    if (error instanceof RiposteError) return []; // without D-Bus timedatectl takes too long
    throw error;
  }
}

/** The time of the last event, in milliseconds since 1970; NaN if there is none. */
function lastEvent(journal: string): number {
  if (!existsSync(journal)) return Number.NaN;
  const [line = ''] = lastLines(journal, 1);
  return Date.parse(/^\{"time":"([^"]{20,30})"/.exec(line)?.[1] ?? '');
}
