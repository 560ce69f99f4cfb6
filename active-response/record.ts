import { basename } from 'node:path';
import { type Entry, type Writer, writeLog } from './active-responses-log.ts';
import { RiposteError } from './errors.ts';
import type { Home } from './home.ts';
import { type JournalEvent, writeEvents } from './journal.ts';
import type { Outcome } from './outcome.ts';
import { printable } from './printable.ts';
import type { Request } from './protocol/request.ts';

/** What the journal says of how a request came. */
export interface Source {
  /** Milliseconds that all of them took together. */
  readonly spent: number;
  /** Its name, where a script has handed it on. */
  readonly asked?: string | undefined;
}

/**
 * Adds outcomes of one response to active-responses.log and to the journal, those of many in one write each.
 *
 * @param script absolute path of the response's script
 * @returns why one of them could not be written; empty when both were
 */
export function record(
  home: Home,
  response: string,
  script: string,
  entries: readonly Entry[],
  source: Source = { spent: process.uptime() * 1000 },
  now = new Date(),
): RiposteError[] {
  const writer: Writer = { script, name: basename(script) };
  // What is refused leaves nothing but its line in the log: whoever sends nonsense shall not fill the journal.
  const kept = entries.filter(({ outcome }) => outcome.word !== 'refused');
  const ms = Number((source.spent / entries.length).toPrecision(4));
  const how = { ms, asked: source.asked };
  const events = kept.map(({ request, outcome }) => eventOf(response, request, outcome, how, now));
  return [
    ...attempt(() => writeLog(home, writer, entries, now)),
    ...attempt(() => writeEvents(home, events)),
  ];
}

function attempt(work: () => void): RiposteError[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof RiposteError) return [error];
    throw error;
  }
}

function eventOf(
  response: string,
  request: Partial<Request>,
  { word, reason, address, block, answer }: Outcome,
  { ms, asked }: Pick<JournalEvent, 'ms' | 'asked'>,
  now: Date,
): JournalEvent {
  const { command, protocol, user, ruleId, ruleLevel, alertId, location, description, log, note } = request;
  return {
    time: now.toISOString(),
    event: word,
    response,
    command,
    protocol,
    address,
    reason: printable(reason, 500),
    user,
    rule: ruleId,
    level: ruleLevel,
    alert: alertId,
    location,
    description,
    log,
    note,
    backend: block?.backend,
    until: block?.until,
    offence: block?.offence,
    answer,
    ms,
    asked,
  };
}
