import type { Home } from '../../active-response/home.ts';
import { holderOf } from '../../base/lock.ts';
import { printable } from '../../base/printable.ts';
import { by, type Family, single } from '../../metrics/family.ts';
import { lockFile, readState, type ServerState } from '../state.ts';

const NAME = 'riposte_serve';
/** The counters of reports. The other counters, except pings, are reasons why a connection was dropped. */
const VERDICTS = ['accepted', 'allowed', 'limited'] as const;

/**
 * The metrics of `riposte serve` from its last saved state. If the server does not run, the only metric reports that.
 */
export function serverOf(home: Home): Family[] {
  const pid = holderOf(lockFile(home));
  const state = readState(home);
  if (state === undefined) return [];
  return state.pid === pid ? serverMetrics(state) : [up(0)];
}

/** The metrics of a running server. Its counters begin at 0 when it starts. */
export function serverMetrics(state: ServerState): Family[] {
  const { logs, lines, alerts, blocked, failed, pending, reports, rules, memory, since } = state;
  const { accepted, allowed, limited, pings, ...drops } = reports;
  const count = (name: string, help: string, value: number) =>
    single(`${NAME}_${name}_total`, 'counter', help, value);
  const gauge = (name: string, help: string, value: number) =>
    single(`${NAME}_${name}`, 'gauge', help, value);
  const ofLogs = (name: string, help: string, value: (log: ServerState['logs'][number]) => number) =>
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
    count('blocks', 'Alerts for which the server blocked an address.', blocked),
    count('failures', 'Attempts to block that failed.', failed),
    gauge('pending_blocks', 'Requested blocks that are not yet in place.', pending),
    count('blocks_ended_early', 'Blocks that ended early because of MAX_BLOCKS.', state.endedEarly ?? 0),
    gauge('rules', 'Rules that are loaded.', rules),
    gauge('resident_memory_bytes', 'Resident memory of the server.', memory),
    ofLogs('lag_bytes', 'Bytes of a log that were not read yet.', ({ lag }) => lag),
    ofLogs(
      'unreadable_lines',
      'Lines that are not in the format of their log, since the start.',
      (log) => log.counts?.unreadable ?? 0,
    ),
    ofLogs(
      'clientless_lines',
      'Requests without a client that can be trusted, since the start.',
      (log) => log.counts?.withoutClient ?? 0,
    ),
    gauge(
      'unconfirmed_records',
      'Records of error logs that no access log confirms: they block no address.',
      state.unconfirmed ?? 0,
    ),
    ofLogs('present', '1 if the log exists, else 0.', ({ isThere }) => Number(isThere)),
    by(
      'verdict',
      `${NAME}_reports_total`,
      'counter',
      "Reports of ModSecurity's hook, by result.",
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

const up = (value: number): Family =>
  single(`${NAME}_up`, 'gauge', '1 if riposte serve runs, else 0.', value);
