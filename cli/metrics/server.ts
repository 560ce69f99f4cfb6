import type { Home } from '../../active-response/home.ts';
import { holderOf } from '../../active-response/lock.ts';
import { printable } from '../../active-response/printable.ts';
import { lockFile, readState, type State } from '../serve/state.ts';
import { by, type Family, single } from './family.ts';

const NAME = 'riposte_serve';
/** How `Counters` calls what became of reports; the others are why a connection was dropped. */
const VERDICTS = ['accepted', 'allowed', 'limited'] as const;

/** The metrics of `riposte serve` as it last told; no more than that it is down when it does not run. */
export function serverOf(home: Home): Family[] {
  const pid = holderOf(lockFile(home));
  const state = readState(home);
  if (state === undefined) return [];
  return state.pid === pid ? serverMetrics(state) : [up(0)];
}

/** The metrics of a server that runs. Those that count begin at 0 with it. */
export function serverMetrics(state: State): Family[] {
  const { logs, lines, alerts, blocked, failed, pending, reports, rules, memory, since } = state;
  const { accepted, allowed, limited, pings, ...drops } = reports;
  const count = (name: string, help: string, value: number) =>
    single(`${NAME}_${name}_total`, 'counter', help, value);
  const gauge = (name: string, help: string, value: number) =>
    single(`${NAME}_${name}`, 'gauge', help, value);
  const ofLogs = (name: string, help: string, value: (log: State['logs'][number]) => number) =>
    by(
      'log',
      `${NAME}_log_${name}`,
      'gauge',
      help,
      logs.map((log) => [printable(log.path), value(log)] as const),
    );
  return [
    up(1),
    gauge('start_time_seconds', 'When the server started, in seconds since 1970.', Date.parse(since) / 1000),
    count('lines', 'Lines of logs that were judged.', lines),
    count('alerts', 'Alerts that the rules raised.', alerts),
    count('blocks', 'Alerts that the server answered by a block.', blocked),
    count('failures', 'Tries to block that failed.', failed),
    gauge('pending_blocks', 'Blocks that are asked for and not yet in place.', pending),
    gauge('rules', 'Rules that are loaded.', rules),
    gauge('resident_memory_bytes', 'Resident memory of the server.', memory),
    ofLogs('lag_bytes', 'Bytes of a log that are there and were not read yet.', ({ lag }) => lag),
    ofLogs('present', 'Whether the log is there.', ({ isThere }) => Number(isThere)),
    by(
      'verdict',
      `${NAME}_reports_total`,
      'counter',
      "Reports of ModSecurity's hook, by what became of them.",
      VERDICTS.map((verdict) => [verdict, reports[verdict]] as const),
    ),
    by(
      'reason',
      `${NAME}_report_connections_dropped_total`,
      'counter',
      "Connections to the hook's socket that were dropped, by the reason.",
      Object.entries(drops),
    ),
  ];
}

const up = (value: number): Family => single(`${NAME}_up`, 'gauge', 'Whether riposte serve runs.', value);
