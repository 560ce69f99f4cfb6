import { accessRecord, clientIn, isNone, noAddress, requestOf, statusOf } from './access-record.ts';
import { parseAddressField } from './address-field.ts';
import { bytesFromHex } from './canonical-text.ts';
import { isoTime } from './log-time.ts';
import {
  type LineReader,
  type LinesBefore,
  type LogFormat,
  NOTHING,
  type ReaderOptions,
  type Reading,
  unreadable,
} from './reading.ts';

/**
 * IIS's W3C extended log (learn.microsoft.com, "W3C Logging"). `#Fields:` names the words of the lines that follow,
 * and may occur again with other names. No line before the first `#Fields:` can be read. Times are in UTC. IIS writes
 * `+` for a space in a word, so a line has exactly as many words as there are fields. The client is c-ip.
 */
export const iis: LogFormat = {
  name: 'iis',
  holds: 'access',
  newReader: (options) => new W3cReader(options, ' ', spacesForPluses),
  isToldBy: (line) => SOFTWARE.test(line) || (NAMES_ALONE.test(line) && !line.includes(' x-edge-')),
};

/** The order in which CloudFront's standard logs have their fields; older logs have fewer fields. */
const CLOUDFRONT =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) ' +
  'cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken ' +
  'x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status ' +
  'fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len ' +
  'sc-range-start sc-range-end';
const FEWEST_WORDS = 12;

const CLOUDFRONT_LINE = /^\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z]{3}\d{1,4}(?:-[A-Z0-9]{1,4})?\t/;

/**
 * CloudFront's standard log (docs.aws.amazon.com/AmazonCloudFront, "Standard logging reference"): tabs between the
 * words, times in UTC, `%20` for a space in a word. Without `#Fields:` its words are in their usual order.
 */
export const cloudfront: LogFormat = {
  name: 'cloudfront',
  holds: 'access',
  newReader: (options) => new W3cReader(options, '\t', decoded, CLOUDFRONT),
  isToldBy: (line) => (NAMES_ALONE.test(line) && line.includes(' x-edge-')) || CLOUDFRONT_LINE.test(line),
};

const FIELDS = '#Fields:';

/**
 * Headers that show a format. They match only a whole line, because a line of another server may begin with a
 * client's text.
 */
const SOFTWARE = /^#Software: Microsoft [A-Za-z0-9 .]{1,80}\r?$/;
const NAMES_ALONE = /^#Fields:(?: [A-Za-z][A-Za-z0-9_()-]*)+ ?\r?$/;

/** The fields that a record uses. Clients choose `host` and `forwarded`. */
const NAMES: ReadonlyMap<string, keyof Values> = new Map<string, keyof Values>([
  ['date', 'date'],
  ['time', 'time'],
  ['c-ip', 'client'],
  ['cs-method', 'method'],
  ['cs-uri-stem', 'uri'],
  ['cs-uri-query', 'query'],
  ['cs-version', 'version'],
  ['cs-protocol-version', 'version'],
  ['cs-username', 'user'],
  ['sc-status', 'status'],
  ['sc-bytes', 'size'],
  ['cs(referer)', 'referer'],
  ['cs(user-agent)', 'userAgent'],
  ['cs-host', 'host'],
  ['x-host-header', 'host'],
  ['x-forwarded-for', 'forwarded'],
  ['cs(x-forwarded-for)', 'forwarded'],
]);

interface Values {
  date: string;
  time: string;
  client: string;
  method: string;
  uri: string;
  query: string;
  version: string;
  user: string;
  status: string;
  size: string;
  referer: string;
  userAgent: string;
  host: string;
  forwarded: string;
}

/** The field in each place of a line; undefined for a field that no record uses. */
type Fields = readonly (keyof Values | undefined)[];

class W3cReader implements LineReader {
  /** The fields of a line's words, or the reason why they are not known. */
  #fields: Fields | string;
  /** True while no #Fields line has come, and the fields are the usual ones. */
  #isUsual: boolean;

  /** @param decode decodes a text from the log's encoding @param usual the fields of a log without #Fields */
  constructor(
    private readonly options: ReaderOptions,
    private readonly separator: string,
    private readonly decode: (text: string) => string,
    usual?: string,
  ) {
    this.#isUsual = usual !== undefined;
    this.#fields = usual === undefined ? 'has no #Fields line before it' : fieldsOf(usual);
  }

  begin({ head, last }: LinesBefore): void {
    for (const line of [...head, ...last])
      if (line.startsWith(FIELDS)) this.#readFields(line.slice(FIELDS.length));
  }

  read(line: string): Reading {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text.startsWith('#')) {
      if (text.startsWith(FIELDS)) this.#readFields(text.slice(FIELDS.length));
      return NOTHING;
    }
    const values = this.#valuesOf(text);
    if (typeof values === 'string') return unreadable(values);
    const { date = '', time = '', method = '', uri = '' } = values;
    const seconds = isoTime(`${date}T${time}`, 'utc');
    if (seconds === undefined) return unreadable('has no date and time where #Fields says');
    const { client = '', forwarded } = values;
    if (parseAddressField(client) === undefined) return unreadable(`has no client: ${noAddress(client)}`);
    const status = statusOf(values.status ?? 'none');
    if (status === undefined) return unreadable('has no status where #Fields says');
    const request = requestOf(method, withQuery(uri, values.query), values.version);
    if (request === undefined) return NOTHING;
    return accessRecord({
      ...values,
      time: seconds,
      client: clientIn(client, this.options.policy, this.#decoded(forwarded)),
      request,
      status,
      referer: this.#decoded(values.referer),
      userAgent: this.#decoded(values.userAgent),
    });
  }

  #readFields(text: string): void {
    this.#fields = fieldsOf(text);
    this.#isUsual = false;
  }

  /** @returns the values, or the reason why the line cannot be read */
  #valuesOf(text: string): Partial<Values> | string {
    const fields = this.#fields;
    if (typeof fields === 'string') return fields;
    const words = text.split(this.separator);
    const isWhole = words.length === fields.length || (this.#isUsual && words.length >= FEWEST_WORDS);
    if (!isWhole) return `has ${words.length} words, but #Fields names ${fields.length}`;
    const values: Partial<Values> = {};
    for (const [index, name] of fields.entries()) if (name !== undefined) values[name] = words[index];
    return values;
  }

  #decoded(text: string | undefined): string | undefined {
    return text === undefined ? undefined : this.decode(text);
  }
}

/** @returns the fields, or the reason why lines with these fields cannot be read */
function fieldsOf(text: string): Fields | string {
  const fields = text
    .trim()
    .split(/[ \t]+/)
    .map((name) => NAMES.get(name.toLowerCase()));
  const known = fields.filter((name) => name !== undefined);
  if (new Set(known).size < known.length) return 'has a #Fields line before it that names a field twice';
  if (NEEDED.every((name) => known.includes(name))) return fields;
  return 'has a #Fields line before it that lacks date, time, c-ip, cs-method, cs-uri-stem or sc-status';
}

const NEEDED: readonly (keyof Values)[] = ['date', 'time', 'client', 'method', 'uri', 'status'];

const withQuery = (uri: string, query: string | undefined): string =>
  query === undefined || isNone(query) ? uri : `${uri}?${query}`;

const spacesForPluses = (text: string): string => text.replaceAll('+', ' ');

/** Decodes percent signs, twice if CloudFront has encoded a text that a client had encoded already (`%2520`). */
function decoded(text: string): string {
  const once = withoutPercents(text);
  return text.includes('%25') ? withoutPercents(once) : once;
}

const withoutPercents = (text: string): string => bytesFromHex(text, '%');
