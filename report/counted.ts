import type { JournalEvent } from '../active-response/record/journal.ts';
import { eventInBytes } from '../active-response/record/journal-event.ts';
import type { Counted } from './counted-event.ts';
import { FastJournalParser } from './fast-journal-parser.ts';
import { requestIn } from './request-in.ts';

/** Makes a parser for journal lines, given as latin1 bytes. The parser returns undefined if a line has no event. */
export function countedReader(): (line: string) => Counted | undefined {
  const fast = new FastJournalParser();
  return (line) => fast.counted(line) ?? countedOf(eventInBytes(line));
}

/** Picks the parts that a report counts from an event that was parsed as JSON. */
export function countedOf(event: JournalEvent | undefined): Counted | undefined {
  if (event === undefined) return undefined;
  const { time, log, ...others } = event;
  const request = typeof log === 'string' ? requestIn(log) : undefined;
  return { ...others, time: Date.parse(time), request };
}
