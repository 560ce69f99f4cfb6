import type { JournalEvent } from '../active-response/record/journal.ts';
import type { RequestInLog } from './request-in.ts';

/** The parts of an event that a report counts. A damaged journal may hold other types than these. */
export interface Counted
  extends Pick<
    JournalEvent,
    | 'event'
    | 'response'
    | 'command'
    | 'address'
    | 'rule'
    | 'level'
    | 'alert'
    | 'location'
    | 'description'
    | 'offence'
    | 'origin'
  > {
  /** In milliseconds since 1970. */
  readonly time: number;
  /** The request in the alert's log line. */
  readonly request?: RequestInLog | undefined;
}
