import { Hearsay } from '../../logs/hearsay.ts';
import { detectableFormats } from '../../logs/readers/formats.ts';
import { LogReader } from '../../logs/readers/log-format.ts';
import type { AccessRecord, Reading } from '../../logs/readers/reading.ts';
import { Dice, FORGERIES, hostileText } from './hostile-texts.ts';
import { type Kind, ordinary, POLICIES, PROXY } from './line-kinds.ts';
import type { Sent } from './readers/render.ts';
import { CLIENT, TIME } from './support.ts';

/** The counts of a kind's requests, sent directly or through the proxy. */
export interface Seen {
  requests: number;
  /** Requests whose record has the true client and the requested target. */
  whole: number;
  /** Requests whose record has no client. */
  clientless: number;
  /** Requests whose lines give no record. */
  unreadable: number;
}

export interface Tally {
  readonly kind: Kind;
  /** The number of lines that were written, and the number of lines that were read. */
  lines: number;
  readings: number;
  readonly direct: Seen;
  readonly proxied: Seen;
}

/** The places of a request into which a client can write. */
const PLACES = [
  'user',
  'method',
  'target',
  'query',
  'line',
  'version',
  'referer',
  'user-agent',
  'host',
  'cookie',
  'x-forwarded-for',
] as const;
type Place = (typeof PLACES)[number];

/**
 * Makes lines that hostile clients make a server write, reads them with every policy, and fails when a line names an
 * address other than their true client. The first requests have one forgery in one place: each forgery in each place,
 * if there are enough lines. Later requests are filled at random. The same seed makes the same lines.
 */
export function readGenerated(kind: Kind, lines: number, seed: number): Tally {
  try {
    return readLines(kind, lines, seed);
  } catch (error) {
    throw new Error(`seed ${seed}, ${lines} lines of ${error instanceof Error ? error.message : error}`);
  }
}

function readLines(kind: Kind, lines: number, seed: number): Tally {
  const tally: Tally = { kind, lines: 0, readings: 0, direct: newSeen(), proxied: newSeen() };
  const dice = new Dice(seed);
  const [direct, proxied] = logsOf(kind);
  for (let number = 0; tally.lines < lines; number++) {
    const draft = number < PLACES.length * FORGERIES.length ? draftOf(number) : randomDraft(dice);
    for (const isProxied of [false, true]) {
      const sent = sentOf(draft, kind, isProxied, dice);
      const written = kind.write(sent, dice);
      tally.lines += written.length;
      const about = isProxied ? tally.proxied : tally.direct;
      const [measured, ...others] = isProxied ? proxied : direct;
      const readings = measured.readAll(written);
      tally.readings += written.length;
      count(about, readings, kind.targetOf(sent), sent);
      // Read the lines in a second log, too: in a new log that begins with these lines, or in one of the other logs.
      const isFirst = dice.once(40) && !kind.isRaw && (isProxied || kind.hasPeer);
      const other = isFirst
        ? new Log(kind, isProxied, isProxied ? 'TRUSTED_PROXIES' : 'none', 'detected by hostile lines')
        : dice.pick(others);
      // Read few lines in a log without a detected format, because its reader tries every format on each line.
      if (other.isUntold && !dice.once(8)) continue;
      other.readAll(written);
      tally.readings += written.length;
    }
  }
  for (const log of [...direct, ...proxied]) log.end();
  return tally;
}

const newSeen = (): Seen => ({ requests: 0, whole: 0, clientless: 0, unreadable: 0 });

type Logs = readonly [measured: Log, ...others: Log[]];

/** A kind's logs, without a proxy and through the proxy. The printed counts come from the first log in each list. */
function logsOf(kind: Kind): [direct: Logs, proxied: Logs] {
  const log = (isProxied: boolean, policy: Policy, origin: Origin) =>
    new Log(kind, isProxied, policy, origin);
  const behindProxy = (isProxied: boolean): Log[] => [
    log(isProxied, '--behind-proxy', 'given'),
    log(isProxied, '--behind-proxy', 'detected by ordinary lines'),
  ];
  return [
    [
      log(false, 'none', 'given'),
      log(false, 'none', 'detected by ordinary lines'),
      ...(kind.hasPeer ? [log(false, 'TRUSTED_PROXIES', 'given')] : []),
      ...(kind.isOfProxy ? behindProxy(false) : []),
    ],
    [
      log(true, 'TRUSTED_PROXIES', 'given'),
      log(true, 'TRUSTED_PROXIES', 'detected by ordinary lines'),
      ...(kind.isOfProxy ? [] : behindProxy(true)),
    ],
  ];
}

type Policy = keyof typeof POLICIES;
type Origin = 'given' | 'detected by ordinary lines' | 'detected by hostile lines';

const TOLD_FORMATS = detectableFormats();

/** A log as a verb reads it: a setting names its format, or the reader detects the format from lines. */
class Log {
  readonly #reader: LogReader;
  readonly #detectedFormat: string | undefined;

  constructor(
    private readonly kind: Kind,
    private readonly isProxied: boolean,
    private readonly policy: Policy,
    private readonly origin: Origin,
  ) {
    const isGiven = origin === 'given';
    const given = isGiven ? ({ format: kind.format, origin: 'setting', isFirm: true } as const) : undefined;
    this.#reader = new LogReader(POLICIES[policy], given, TOLD_FORMATS);
    for (const line of kind.before ?? []) this.#reader.read(line);
    if (origin !== 'detected by ordinary lines') return;
    for (let i = 0; i < 20; i++) for (const line of this.#ordinaryLines()) this.#read(line, 1);
    this.#detectedFormat = this.#reader.state.format;
  }

  #ordinaryLines(): string[] {
    const before = this.isProxied ? '192.0.2.9, 203.0.113.7' : '192.0.2.9, 192.0.2.8';
    const sent = ordinary(this.isProxied ? PROXY : CLIENT, before);
    return this.kind.writeOrdinary?.(sent) ?? this.kind.write(sent, new Dice(1));
  }

  get isUntold(): boolean {
    return this.origin === 'detected by ordinary lines' && this.#detectedFormat === undefined;
  }

  /** Reads a request's lines. @throws when a line names an address other than the true client */
  readAll(written: readonly string[]): Reading[] {
    return written.map((line) => this.#read(line, written.length));
  }

  #read(line: string, written: number): Reading {
    const reading = this.#reader.read(line);
    if (reading.kind === 'access' || reading.kind === 'error') this.#check(reading, line, written);
    return reading;
  }

  #check(record: Extract<Reading, { kind: 'access' | 'error' }>, line: string, written: number): void {
    if (!PRINTABLE.test(record.canonical ?? '') || !isCanonical(record))
      this.#fail('has a text that is not canonical', record, line);
    const { client } = record;
    if (client === undefined || client === CLIENT) return;
    // Another client is permitted only in unconfirmed hearsay, and only in three cases: a client's text may begin the
    // line, the line's end may be cut off, or the reader may have detected a wrong format.
    const mayBeHearsay = (this.kind.isRaw && (written > 1 || line.length >= CUT)) || this.origin !== 'given';
    if (
      mayBeHearsay &&
      record.kind === 'error' &&
      record.isHearsay &&
      !HEARSAY.confirms(record, record.time ?? TIME)
    )
      return;
    this.#fail(`names ${client}`, record, line);
  }

  /** @throws when hostile lines have changed the log's format */
  end(): void {
    const { format } = this.#reader.state;
    if (this.#detectedFormat !== undefined && format !== this.#detectedFormat)
      throw new Error(`${this.kind.name}: its format was ${this.#detectedFormat}, and is ${format}`);
  }

  #fail(what: string, record: Reading, line: string): never {
    const { kind, policy, origin, isProxied } = this;
    throw new Error(
      `${kind.name}, ${isProxied ? 'through the proxy' : 'without a proxy'}, policy ${policy}, format ${origin} ` +
        `(${this.#reader.state.format}): a line ${what}\n  ${JSON.stringify(line)}\n  ${JSON.stringify(record)}`,
    );
  }
}

/** A raw line of this length may be cut: nginx cuts the lines of its error log at 2,047 bytes. */
const CUT = 2000;

const PRINTABLE = /^[ -~]*$/;
const CANONICAL = /^[ !#-~]*$/;

const isCanonical = (record: Extract<Reading, { kind: 'access' | 'error' }>): boolean =>
  record.kind === 'error'
    ? CANONICAL.test(record.target ?? '')
    : CANONICAL.test(record.target) &&
      CANONICAL.test(record.userAgent) &&
      CANONICAL.test(record.referer) &&
      CANONICAL.test(record.user) &&
      CANONICAL.test(record.method) &&
      CANONICAL.test(record.version);

/**
 * Two requests of the true client, because a line of an error log has its time in UTC or in this host's zone. The
 * victim has sent no request, so hearsay about the victim must stay unconfirmed.
 */
function requestsOfClient(): AccessRecord[] {
  const local = new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000;
  return [TIME, local].map((time) => ({
    kind: 'access',
    time,
    client: CLIENT,
    user: '-',
    method: 'GET',
    target: '/.env',
    version: 'HTTP/1.1',
    status: '404',
    size: '1',
    referer: '-',
    userAgent: '-',
  }));
}

/** Confirms hearsay only by the true client's requests. */
const HEARSAY = new Hearsay({ requests: 64 });
for (const record of requestsOfClient()) HEARSAY.saw(record, record.time ?? TIME);

/** The texts that a client tries to send; a server may refuse parts of them. */
type Draft = Partial<Record<Place, string>>;

/** One forgery in one place; all other fields are ordinary. */
const draftOf = (number: number): Draft => ({
  [PLACES[number % PLACES.length] ?? 'user']: FORGERIES[Math.floor(number / PLACES.length)],
});

function randomDraft(dice: Dice): Draft {
  const draft: Draft = {};
  for (let count = 1 + dice.below(5); count > 0; count--) draft[dice.pick(PLACES)] = hostileText(dice);
  return draft;
}

function sentOf(draft: Draft, kind: Kind, isProxied: boolean, dice: Dice): Sent {
  const oneLine = (text: string): string => text.replace(/[\r\n\0]/g, '');
  const header = (place: Place, usual?: string): string | undefined => {
    const text = draft[place];
    // A server removes spaces around a header's value.
    return text === undefined ? usual : oneLine(text).trim();
  };
  const forwarded = header('x-forwarded-for', dice.once(2) ? undefined : '192.0.2.9');
  const path = `/.env${draft.target ?? ''}`;
  const target = draft.query === undefined ? path : `${path}?${draft.query}`;
  const hostile = draft.line === undefined ? draft.version && `GET / HTTP/1.1${draft.version}` : draft.line;
  return {
    peer: isProxied ? PROXY : CLIENT,
    user: draft.user?.replaceAll('\0', ''),
    method: draft.method?.replace(kind.method, '').slice(0, 60) || 'GET',
    target: kind.isDecoded ? target.replaceAll('\0', '') : oneLine(target),
    version: dice.pick(['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0']),
    line: hostile === undefined ? undefined : oneLine(hostile),
    status: dice.pick([200, 301, 404, 501]),
    size: dice.pick([0, 196]),
    headers: {
      referer: header('referer'),
      'user-agent': header('user-agent', 'Mozilla/5.0'),
      host: header('host', 'www.example.org'),
      cookie: header('cookie'),
      'x-forwarded-for': isProxied ? appended(forwarded) : forwarded,
    },
    time: TIME,
    site: 'www.example.org',
  };
}

/** A proxy appends its client to the header that the client has sent. */
const appended = (forwarded: string | undefined): string =>
  forwarded === undefined || forwarded === '' ? CLIENT : `${forwarded}, ${CLIENT}`;

function count(seen: Seen, readings: readonly Reading[], target: string | undefined, sent: Sent): void {
  const records = readings.filter((each) => each.kind === 'access' || each.kind === 'error');
  // An empty request line is not a request.
  if (records.length === 0 && (sent.line === '' || sent.line === '-')) return;
  seen.requests++;
  if (records.length === 0) seen.unreadable++;
  else if (records.every(({ client }) => client === undefined)) seen.clientless++;
  else if (target === undefined || records.some((record) => record.target === target)) seen.whole++;
}

/** The number of lines that a kind makes when all kinds together make `lines` lines. */
export function linesFor(kind: Kind, kinds: readonly Kind[], lines: number): number {
  const all = kinds.reduce((sum, { share }) => sum + 1 / share, 0);
  return Math.ceil((1.01 * lines) / kind.share / all);
}

/** Prints the results of each kind's requests, in percent. */
export function printTallies(tallies: readonly Tally[]): void {
  const head = ['lines', 'seen', 'no client', 'unreadable', 'seen', 'no client', 'unreadable'];
  console.log(`\n${''.padEnd(WIDTH + 8)}   without a proxy${''.padEnd(16)}through the proxy`);
  console.log(`${''.padEnd(WIDTH)}${head.map((word) => word.padStart(11)).join('')}`);
  for (const { kind, lines, direct, proxied } of tallies) {
    const figures = [direct, proxied].flatMap(({ requests, whole, clientless, unreadable }) =>
      [whole, clientless, unreadable].map((count) => `${((100 * count) / requests).toFixed(1)} %`),
    );
    const cells = [lines.toLocaleString('en'), ...figures].map((word) => word.padStart(11)).join('');
    console.log(`${kind.name.slice(0, WIDTH - 2).padEnd(WIDTH)}${cells}`);
  }
}

const WIDTH = 64;
