import { appendLine } from './files.ts';
import type { Home } from './home.ts';
import type { Outcome } from './outcome.ts';
import type { Request } from './protocol/request.ts';

/** What the journal keeps of one outcome: the archive that history, report and metrics read. */
export interface JournalEvent {
  readonly time: string;
  readonly event: Outcome['word'];
  readonly response: string;
  readonly command?: Request['command'] | undefined;
  readonly protocol?: Request['protocol'] | undefined;
  readonly address?: string | undefined;
  readonly reason: string;
  readonly user?: string | undefined;
  readonly rule?: string | undefined;
  readonly level?: number | undefined;
  readonly alert?: string | undefined;
  readonly location?: string | undefined;
  /** What the rule says of itself, and the line that it fired on, where the manager tells. */
  readonly description?: string | undefined;
  readonly log?: string | undefined;
  /** Why a person asked for it. */
  readonly note?: string | undefined;
  readonly backend?: string | undefined;
  readonly until?: string | null | undefined;
  readonly offence?: number | undefined;
  /** What the manager answered in the handshake, where that was not to go on. */
  readonly answer?: Outcome['answer'];
  /** Milliseconds that it took, with the start of the process; where several were done together its share of them. */
  readonly ms: number;
  /** The name of a request that a script has handed on, so that nobody answers it twice. */
  readonly asked?: string | undefined;
}

/** Adds events to the journal, in one write. @throws RiposteError (IOERR, NOPERM) */
export function writeEvents(home: Home, events: readonly JournalEvent[]): void {
  const lines = events.map((event) => JSON.stringify(event));
  // Beside it lies the directory that Apache reads, so others may pass through here.
  if (lines.length > 0) appendLine(home.journal, lines.join('\n'), 0o640, 0o755);
}
