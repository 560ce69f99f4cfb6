import { setTimeout as wait } from 'node:timers/promises';
import { formatDistanceToNowStrict } from 'date-fns/formatDistanceToNowStrict';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { holderOf } from '../../active-response/lock.ts';
import { table } from '../../active-response/table.ts';
import type { Io } from '../verb.ts';
import { lockFile, readState } from './state.ts';

/** How long a server may take to end, in milliseconds: it waits for blocks that are being made. */
const PATIENCE = 30_000;

/** Says what the running server does. @throws RiposteError (UNAVAILABLE) when none runs */
export function showStatus(home: Home, isJson: boolean, io: Io): number {
  const pid = pidOf(home);
  const state = readState(home);
  if (state?.pid !== pid) {
    io.out(isJson ? JSON.stringify({ pid }) : `The server (process ${pid}) is starting.`);
    return EX.OK;
  }
  if (isJson) {
    io.out(JSON.stringify(state));
    return EX.OK;
  }
  const { since, reports, logs, lines, alerts, blocked, failed, pending, rules, memory } = state;
  const memoryText = `${Math.round(memory / 1024 / 1024)} MB`;
  io.out(
    `The server (process ${pid}) runs since ${formatDistanceToNowStrict(new Date(since))}: ${lines} lines, ${alerts} alerts, ${blocked} blocked, ${failed} failed, ${pending} in the making; ${rules} rules, ${memoryText}.`,
  );
  if (reports.accepted + reports.allowed + reports.limited > 0)
    io.out(
      `Reports: ${reports.accepted} accepted, ${reports.allowed} of allowed addresses, ${reports.limited} too many.`,
    );
  io.out(
    table([
      ['LOG', 'BEHIND BY'],
      ...logs.map(({ path, isThere, lag }) => [path, isThere ? `${lag} bytes` : 'not there']),
    ]),
  );
  return EX.OK;
}

/** Ends the running server, and waits until it has ended. @throws RiposteError (UNAVAILABLE, TEMPFAIL, NOPERM) */
export async function stop(home: Home, io: Io): Promise<number> {
  const pid = pidOf(home);
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    throw new RiposteError(EX.NOPERM, `process ${pid} is not yours to end (run as root?)`);
  }
  for (let waited = 0; waited < PATIENCE; waited += 50) {
    if (holderOf(lockFile(home)) !== pid) {
      io.out(`The server (process ${pid}) has ended.`);
      return EX.OK;
    }
    await wait(50);
  }
  throw new RiposteError(EX.TEMPFAIL, `process ${pid} has not ended within ${PATIENCE / 1000} s`);
}

function pidOf(home: Home): number {
  const pid = holderOf(lockFile(home));
  if (pid === undefined) throw new RiposteError(EX.UNAVAILABLE, `no server runs for ${home.root}`);
  return pid;
}
