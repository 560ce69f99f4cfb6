import type { Home } from '../home.ts';
import type { Protocol, Request } from '../protocol/request.ts';
import { appendRecord } from '../unrecorded.ts';
import type { Outcome } from './outcome.ts';

/** The journal's entry for one outcome. History, report and metrics read this archive. */
export interface JournalEvent {
  readonly time: string;
  readonly event: Outcome['word'];
  readonly response: string;
  readonly command?: Request['command'] | undefined;
  readonly protocol?: Protocol | undefined;
  readonly address?: string | undefined;
  readonly reason: string;
  readonly user?: string | undefined;
  readonly rule?: string | undefined;
  readonly level?: number | undefined;
  readonly alert?: string | undefined;
  readonly location?: string | undefined;
  /** The rule's description and the line that it matched, if the manager sends them. */
  readonly description?: string | undefined;
  readonly log?: string | undefined;
  /** The list that names the address, or the program that asked for the block. */
  readonly origin?: string | undefined;
  /** The reason that an operator or a list gave. */
  readonly note?: string | undefined;
  readonly backend?: string | undefined;
  readonly until?: string | null | undefined;
  readonly offence?: number | undefined;
  /** The manager's answer in the handshake; undefined if the answer was to continue. */
  readonly answer?: Outcome['answer'];
  /** Milliseconds since the start of the process; for several requests together, the average. */
  readonly ms: number;
  /** The name of a client's request to the daemon, so that it is not carried out twice. */
  readonly asked?: string | undefined;
}

/** The journal's names for programs that only notify or report. They block nobody, and their events raise no alert. */
export const TELLERS: readonly string[] = ['email-alert', 'abuseipdb'];

/** Appends events to the journal, in one write. @throws RiposteError (IOERR, NOPERM) */
export function writeEvents(home: Home, events: readonly JournalEvent[]): void {
  const lines = events.map((event) => JSON.stringify(event));
  // Other accounts may pass through this directory: Apache reads a directory next to the journal.
  if (lines.length > 0) appendRecord(home, 'journal', lines.join('\n'), 0o640, 0o755);
}
