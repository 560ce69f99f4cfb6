import { once } from 'node:events';
import { isPrivate } from '../../active-response/guard/guard.ts';
import type { Home } from '../../active-response/home.ts';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import { eventInBytes } from '../../active-response/record/journal-event.ts';
import { loadAbuseipdbSettings } from '../../active-response/settings/abuseipdb-settings.ts';
import { addressesIn, isHost } from '../../base/address.ts';
import { counted } from '../../base/counted.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printableJson } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';
import { abuseText } from '../../notify/abuseipdb/abuse-text.ts';
import { abuseipdbAccess } from '../../notify/abuseipdb/access.ts';
import { checkAbuse } from '../../notify/abuseipdb/api.ts';
import { journalFiles } from '../../report/history/journal-files.ts';
import { newTally, readJournal } from '../../report/history/read-journal.ts';
import { headOf, jsonOf, rowOf } from '../../report/history/rows.ts';
import { EVENTS, IN_JOURNAL, wantedOf } from '../../report/history/wanted.ts';
import { openPlaces } from '../../report/places.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import type { Verb } from '../verb.ts';

/** The number of events that are shown without --limit. */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100_000;

/** riposte history: shows the events of the journal. */
export const history: Verb = {
  summary: 'show blocks and unblocks, and their reasons',
  operands: '[ADDRESS or PREFIX]',
  options: {
    since: { value: 'TIME', text: 'events of the last 7d, or since a date (2026-11-20, 2026-11-20T09:00)' },
    response: { value: IN_JOURNAL.join('|'), text: 'events of this response only' },
    event: { value: EVENTS.join('|'), text: 'these events only; separate several by commas' },
    limit: {
      value: 'N',
      text: `the last N events (default ${DEFAULT_LIMIT}, all with --json; 0: all; at most ${MAX_LIMIT})`,
    },
    abuseipdb: { text: 'ask AbuseIPDB about ADDRESS, and print its answer last (needs root, for the key)' },
    json: { text: 'one JSON object per line' },
    ...HOME_OPTION,
  },
  notes: `The newest event is the last. Rotated journals (events.jsonl.1, events.jsonl.2.gz) are read, too. For an address,
events of prefixes that contain it are shown as well; for a prefix, events of its addresses.`,
  examples: [
    ['riposte history 203.0.113.7', 'everything that Riposte did about that address'],
    ['riposte history 203.0.113.7 --abuseipdb', 'the same, and what others have reported about it'],
    ['riposte history --since 7d --event failed', 'the failures of the last seven days'],
  ],

  async run(given, io) {
    const isJson = given.flag('json');
    const operand = onlyOperand(given);
    const asked = given.flag('abuseipdb') ? publicHost(operand) : undefined;
    const wanted = wantedOf({
      address: operand,
      since: given.value('since'),
      responses: given.all('response'),
      events: given.all('event'),
    });
    const limit = limitOf(given.value('limit') ?? (isJson ? '0' : String(DEFAULT_LIMIT)));
    const home = homeOf(given, io);
    const files = journalFiles(home);
    const tally = newTally();
    const placeOf = await openPlaces(home);
    const toLine = isJson
      ? (event: JournalEvent) => jsonOf({ ...event, ...placeOf?.(String(event.address ?? '')) })
      : (event: JournalEvent) => rowOf(event, placeOf);
    if (!isJson) io.out(headOf(placeOf !== undefined));
    const pieces = readJournal(files, wanted, tally, eventInBytes);
    for await (const events of limit === 0 ? pieces : lastOf(pieces, limit)) await print(events, toLine, io);
    const leftOut = limit === 0 ? 0 : Math.max(0, tally.found - limit);
    if (leftOut > 0) io.err(`riposte: ${leftOut} older events are left out; --limit 0 shows all\n`);
    if (tally.damaged > 0)
      io.err(
        `riposte: skipped ${counted(tally.damaged, 'damaged line')} of ${[...tally.damagedFiles].map((file) => printable(file)).join(', ')}\n`,
      );
    if (asked !== undefined) await printAbuse(asked, home, isJson, io);
    return EX.OK;
  },
};

/** The last `limit` events, as one piece. Keeps at most `limit` events and one more piece in memory. */
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

/** @throws RiposteError (USAGE) for more than one operand */
function onlyOperand({ rest }: Arguments): string | undefined {
  const [operand, another] = rest;
  if (another === undefined) return operand;
  throw new RiposteError(EX.USAGE, `history takes one address or prefix, not ${rest.length}`);
}

/** @throws RiposteError (USAGE) for anything but the public address of one host */
function publicHost(text: string | undefined): string {
  const [address] = addressesIn(text);
  if (address && isHost(address) && !isPrivate(address)) return address.text;
  throw new RiposteError(EX.USAGE, '--abuseipdb needs the public address of one host');
}

/** @throws RiposteError (CONFIG, TEMPFAIL, UNAVAILABLE) if AbuseIPDB does not answer */
async function printAbuse(address: string, home: Home, isJson: boolean, io: Io): Promise<void> {
  const settings = loadAbuseipdbSettings(home.settings, () => {});
  const record = await checkAbuse(abuseipdbAccess(home, settings), address);
  io.out(isJson ? printableJson({ abuseipdb: record }) : abuseText(record));
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (/^\d{1,6}$/.test(text) && limit <= MAX_LIMIT) return limit;
  throw new RiposteError(
    EX.USAGE,
    `--limit is a number from 0 to ${MAX_LIMIT}, not '${printable(text, 40)}'`,
  );
}
