import { basename } from 'node:path';
import { attempt, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { Home } from '../home.ts';
import { isList } from '../lists.ts';
import { protocolOf, type Request } from '../protocol/request.ts';
import { type Entry, type Writer, writeLog } from './active-responses-log.ts';
import { type JournalEvent, writeEvents } from './journal.ts';
import type { Outcome } from './outcome.ts';

/** Further fields of the journal events. */
export interface Handling {
  /** Milliseconds for all requests together; absent: since this process started. */
  readonly spent?: number | undefined;
  /** The name of the request, if a client has sent it to the daemon. */
  readonly asked?: string | undefined;
}

/**
 * Appends outcomes of one response to active-responses.log and to the journal, one write each.
 *
 * @param script absolute path of the response's script
 * @returns the errors of both writes; empty when both succeeded
 */
export function record(
  home: Home,
  response: string,
  script: string,
  entries: readonly Entry[],
  { spent = process.uptime() * 1000, asked }: Handling = {},
  now = new Date(),
): RiposteError[] {
  const writer: Writer = { script, name: basename(script) };
  // A refused request is recorded only in the log: invalid requests must not fill the journal.
  const kept = entries.filter(({ outcome }) => outcome.word !== 'refused');
  // A list's blocks are not alerts, so the log omits them: a manager that reads the log would raise an alert for each
  // block.
  const logged = entries.filter(({ request: { origin } }) => !origin || !isList(origin));
  const ms = Number((spent / entries.length).toPrecision(4));
  const how = { ms, asked };
  const events = kept.map(({ request, outcome }) => eventOf(response, request, outcome, how, now));
  const written = [
    attempt(() => writeLog(home, writer, logged, now)),
    attempt(() => writeEvents(home, events)),
  ];
  return written.filter((each) => each instanceof RiposteError);
}

/** Appends outcomes only to the journal. @throws RiposteError (IOERR, NOPERM) */
export function recordInJournal(home: Home, name: string, entries: readonly Entry[], now = new Date()): void {
  const how = { ms: 0, asked: undefined };
  writeEvents(
    home,
    entries.map(({ request, outcome }) => eventOf(name, request, outcome, how, now)),
  );
}

function eventOf(
  response: string,
  request: Partial<Request>,
  { word, reason, address, block, answer }: Outcome,
  { ms, asked }: Pick<JournalEvent, 'ms' | 'asked'>,
  now: Date,
): JournalEvent {
  const { command, source, user, ruleId, ruleLevel, alertId, location, description, log, note, origin } =
    request;
  return {
    time: now.toISOString(),
    event: word,
    response,
    command,
    protocol: source && protocolOf(source),
    address,
    reason: printable(reason, 500),
    user,
    rule: ruleId,
    level: ruleLevel,
    alert: alertId,
    location,
    description,
    log,
    origin,
    note,
    backend: block?.backend,
    until: block?.until,
    offence: block?.offence,
    answer,
    ms,
    asked,
  };
}
