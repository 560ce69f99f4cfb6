import { setTimeout as wait } from 'node:timers/promises';
import { formatDistanceToNowStrict } from 'date-fns/formatDistanceToNowStrict';
import type { Home } from '../active-response/home.ts';
import { readFeedState } from '../active-response/operator/feed-state.ts';
import { counted } from '../base/counted.ts';
import { EX, RiposteError } from '../base/errors.ts';
import type { Io } from '../base/io.ts';
import { holderOf } from '../base/lock.ts';
import { table } from '../base/table.ts';
import { lockFile, readState } from './state.ts';

/** The time that a server may take to end, in milliseconds. The server waits for pending blocks. */
const PATIENCE = 30_000;

/** Prints the status of the running server. @throws RiposteError (UNAVAILABLE) when no server runs */
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
  const {
    since,
    reports,
    logs,
    lines,
    alerts,
    blocked,
    failed,
    pending,
    rules,
    memory,
    unconfirmed,
    withoutTime,
  } = state;
  const memoryText = `${Math.round(memory / 1024 / 1024)} MB`;
  io.out(
    `The server (process ${pid}) has run for ${formatDistanceToNowStrict(new Date(since))}: ${counted(lines, 'line')}, ${counted(alerts, 'alert')}, ${blocked} blocked, ${failed} failed, ${pending} pending; ${rules} rules, ${memoryText}.`,
  );
  if (unconfirmed > 0)
    io.out(
      `Error logs: no line of an access log confirms ${counted(unconfirmed, 'record')}, so Riposte blocked no address for them.`,
    );
  if (state.endedEarly > 0)
    io.out(
      `Riposte ended ${counted(state.endedEarly, 'block')} early, because MAX_BLOCKS is reached; see riposte doctor.`,
    );
  if (withoutTime > 0)
    io.out(
      `Riposte did not judge ${counted(withoutTime, 'line')} from before the start of the server, because they have no time.`,
    );
  if (reports.accepted + reports.allowed + reports.limited > 0)
    io.out(
      `Reports: ${reports.accepted} accepted, ${reports.allowed} about allowed addresses, ${reports.limited} over the limit.`,
    );
  for (const line of feedStatus(home, pid)) io.out(line);
  io.out(
    table([
      ['LOG', 'FORMAT', 'LINES', 'UNREADABLE', 'NO CLIENT', 'BEHIND BY'],
      ...logs.map(({ path, isThere, lag, format, counts }) => [
        path,
        format ?? 'not known yet',
        ...(counts ? [counts.lines, counts.unreadable, counts.withoutClient].map(String) : ['-', '-', '-']),
        isThere ? `${lag} bytes` : 'not there',
      ]),
    ]),
  );
  return EX.OK;
}

/** Describes the feed of this server. */
function feedStatus(home: Home, pid: number): string[] {
  const state = readFeedState(home);
  if (state?.pid !== pid) return [];
  const { from, pulled, decisions, problem, machine, reported, reportProblem } = state;
  const last =
    pulled === undefined
      ? 'not pulled yet'
      : `last pulled ${formatDistanceToNowStrict(new Date(pulled))} ago`;
  const text = `CrowdSec: addresses and networks from ${from}: ${decisions}, ${last}.`;
  return [
    problem === undefined ? text : `${text} ${problem}`,
    ...(machine === undefined ? [] : [`CrowdSec: ${counted(reported, 'block')} reported as ${machine}.`]),
    ...(reportProblem === undefined ? [] : [`CrowdSec: Riposte could not report blocks: ${reportProblem}`]),
  ];
}

/** Ends the running server, and waits until it has ended. @throws RiposteError (UNAVAILABLE, TEMPFAIL, NOPERM) */
export async function stop(home: Home, io: Io): Promise<number> {
  const pid = pidOf(home);
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    throw new RiposteError(EX.NOPERM, `you may not end process ${pid}; run this as root`);
  }
  for (let waited = 0; waited < PATIENCE; waited += 50) {
    if (holderOf(lockFile(home)) !== pid) {
      io.out(`The server (process ${pid}) has ended.`);
      return EX.OK;
    }
    await wait(50);
  }
  throw new RiposteError(
    EX.TEMPFAIL,
    `process ${pid} has not ended within ${PATIENCE / 1000} s; try again, or end it with kill -9 ${pid}`,
  );
}

function pidOf(home: Home): number {
  const pid = holderOf(lockFile(home));
  if (pid === undefined) throw new RiposteError(EX.UNAVAILABLE, `no server runs for ${home.root}`);
  return pid;
}
