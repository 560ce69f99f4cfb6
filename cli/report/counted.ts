import type { JournalEvent } from '../../active-response/journal.ts';
import { eventInBytes } from '../history/read-journal.ts';
import { type RequestInLog, requestIn } from './request-in.ts';
import { UsualEvents } from './usual-events.ts';

/** What a report counts of an event. Types are what the journal should hold, not what a damaged one does. */
export interface Counted
  extends Pick<
    JournalEvent,
    'event' | 'response' | 'command' | 'address' | 'rule' | 'level' | 'location' | 'description' | 'offence'
  > {
  /** In milliseconds. */
  readonly time: number;
  /** What the line of a log that came with it tells. */
  readonly request?: RequestInLog | undefined;
}

/** Reads what is counted of the event in a line, in its bytes as latin1; undefined where it holds none. */
export function countedReader(): (line: string) => Counted | undefined {
  const usual = new UsualEvents();
  return (line) => usual.counted(line) ?? countedOf(eventInBytes(line));
}

/** What is counted of an event that was read as JSON. */
export function countedOf(event: JournalEvent | undefined): Counted | undefined {
  if (event === undefined) return undefined;
  const { time, log, ...others } = event;
  const request = typeof log === 'string' ? requestIn(log) : undefined;
  return { ...others, time: Date.parse(time), request };
}
