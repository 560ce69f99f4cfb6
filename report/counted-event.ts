import type { JournalEvent } from '../active-response/record/journal.ts';
import type { RequestInLog } from './request-in.ts';

/** The parts of an event that a report counts. In a damaged journal, a part may have another type. */
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
