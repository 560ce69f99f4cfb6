import { once } from 'node:events';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { JournalEvent } from '../../active-response/journal.ts';
import { printable } from '../../active-response/printable.ts';
import { journalFiles } from '../history/journal-files.ts';
import { eventInBytes, readJournal, type Tally } from '../history/read-journal.ts';
import { HEAD, jsonOf, rowOf } from '../history/rows.ts';
import { EVENTS, IN_JOURNAL, wantedOf } from '../history/wanted.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import type { Io, Verb } from '../verb.ts';

/** How many events are shown where nobody says. */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100_000;

/** riposte history: what the journal holds. */
export const history: Verb = {
  summary: 'show what was blocked and unblocked, and why',
  operands: '[ADDRESS or PREFIX]',
  options: {
    since: { value: 'TIME', text: 'from so long ago on (7d), or from a date (2026-11-20, 2026-11-20T09:00)' },
    response: { value: IN_JOURNAL.join('|'), text: 'of this response only' },
    event: { value: EVENTS.join('|'), text: 'these events only; several with commas' },
    limit: {
      value: 'N',
      text: `the last N events (default ${DEFAULT_LIMIT}, all with --json; 0: all; at most ${MAX_LIMIT})`,
    },
    json: { text: 'one object a line' },
    ...HOME_OPTION,
  },
  notes: `The newest event is the last. Rotated journals (events.jsonl.1, events.jsonl.2.gz) are read, too. Of an address
also what was done to a prefix around it is shown, of a prefix also what was done to its addresses.`,
  examples: [
    ['riposte history 203.0.113.7', 'all that Riposte did about that address'],
    ['riposte history --since 7d --event failed', 'what failed in the last seven days'],
  ],

  async run(given, io) {
    const isJson = given.flag('json');
    const wanted = wantedOf(given);
    const limit = limitOf(given.value('limit') ?? (isJson ? '0' : String(DEFAULT_LIMIT)));
    const files = journalFiles(homeOf(given, io));
    const tally: Tally = { found: 0, damaged: 0 };
    const toLine = isJson ? jsonOf : rowOf;
    if (!isJson) io.out(HEAD);
    const pieces = readJournal(files, wanted, tally, eventInBytes);
    for await (const events of limit === 0 ? pieces : lastOf(pieces, limit)) await print(events, toLine, io);
    const leftOut = limit === 0 ? 0 : Math.max(0, tally.found - limit);
    if (leftOut > 0) io.err(`riposte: ${leftOut} older events are left out; --limit 0 shows all\n`);
    if (tally.damaged > 0)
      io.err(
        `riposte: ${tally.damaged} damaged lines were left out of ${files.map((file) => printable(file)).join(', ')}\n`,
      );
    return EX.OK;
  },
};

/** The last `limit` of all, as one piece. No more than that and one piece are held at any time. */
async function* lastOf(pieces: AsyncIterable<JournalEvent[]>, limit: number): AsyncGenerator<JournalEvent[]> {
  let last: JournalEvent[] = [];
  for await (const events of pieces) {
    last = [...last, ...events].slice(-limit);
  }
  yield last;
}

async function print(
  events: readonly JournalEvent[],
  toLine: (event: JournalEvent) => string,
  io: Io,
): Promise<void> {
  let isWritten = true;
  for (const event of events) isWritten = io.out(toLine(event));
  if (!isWritten) await once(io.stdout, 'drain');
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (/^\d{1,6}$/.test(text) && limit <= MAX_LIMIT) return limit;
  throw new RiposteError(
    EX.USAGE,
    `--limit is a number from 0 to ${MAX_LIMIT}, not '${printable(text, 40)}'`,
  );
}
