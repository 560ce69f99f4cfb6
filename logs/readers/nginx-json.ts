import {
  accessRecord,
  clientIn,
  isNone,
  type Named,
  nobody,
  requestInBytes,
  requestOf,
  statusOf,
} from './access-record.ts';
import { JsonReader } from './json.ts';
import type { JsonKind } from './json-shape.ts';
import { AccessTime } from './log-time.ts';
import {
  type LineReader,
  type LogFormat,
  NOTHING,
  type ReaderOptions,
  type Reading,
  unreadable,
} from './reading.ts';

/**
 * One JSON object in each line, as a log_format of nginx (`escape=json` or not) or a LogFormat of Apache makes it.
 * Every administrator chooses the names of the keys, so the reader looks them up in lists of usual names. These lists
 * contain the keys of the Elastic Common Schema (`source.ip`, `url.path`), too; such keys may be nested or have dots.
 */
export const nginxJson: LogFormat = {
  name: 'nginx-json',
  holds: 'access',
  newReader: (options) => new NginxJsonReader(options),
};

/**
 * Usual names of keys, in lower case and without `_` and `-`. If a line has several keys of a list, the key that is
 * first in the list counts. The names for the client stand for the connection's address; http_x_real_ip and the like
 * are headers, so they are not in the list.
 */
const NAMES = {
  client: [
    'remoteaddr',
    'remoteip',
    'remotehost',
    'remoteaddress',
    'remote',
    'client',
    'clientip',
    'clientaddr',
    'clientaddress',
    'ip',
    'ipaddress',
    'addr',
    'src',
    'srcip',
    'source',
    'sourceip',
    'source.ip',
    'source.address',
    'client.ip',
    'client.address',
    'network.client.ip',
  ],
  forwarded: ['httpxforwardedfor', 'xforwardedfor', 'forwardedfor', 'xff'],
  time: [
    'timeiso8601',
    '@timestamp',
    'timestamp',
    'timelocal',
    'time',
    'datetime',
    'msec',
    'ts',
    'timemsec',
    'date',
    'timeunix',
  ],
  request: ['request', 'requestline', 'httprequest'],
  method: ['requestmethod', 'method', 'httpmethod', 'verb', 'http.request.method', 'http.method'],
  uri: [
    'requesturi',
    'requesturl',
    'url.original',
    'uri',
    'url',
    'requestpath',
    'path',
    'url.path',
    'http.url',
  ],
  query: ['args', 'querystring', 'query', 'url.query'],
  version: ['serverprotocol', 'protocol', 'requestprotocol', 'proto', 'httpversion', 'http.version'],
  status: [
    'status',
    'statuscode',
    'response',
    'responsecode',
    'responsestatus',
    'httpstatus',
    'httpstatuscode',
    'code',
    'http.response.statuscode',
    'http.statuscode',
  ],
  size: ['bodybytessent', 'bytessent', 'bytes', 'size', 'responsesize', 'http.response.body.bytes'],
  referer: ['httpreferer', 'referer', 'httpreferrer', 'referrer', 'http.request.referrer', 'http.referer'],
  userAgent: ['httpuseragent', 'useragent', 'agent', 'ua', 'useragent.original', 'http.useragent'],
  user: ['remoteuser', 'user', 'username', 'authuser', 'user.name'],
  host: ['host', 'httphost', 'servername', 'vhost', 'virtualhost', 'domain', 'site', 'url.domain'],
  uniqueId: ['requestid', 'uniqueid'],
} as const;

type Field = keyof typeof NAMES;

const FIELDS = Object.keys(NAMES) as readonly Field[];
/** The index of each field in a list with one item for each field. */
const SLOTS = Object.fromEntries(FIELDS.map((field, slot) => [field, slot])) as Readonly<
  Record<Field, number>
>;

/** A key that the reader knows. */
interface Known {
  readonly path: string;
  readonly field: Field;
  readonly slot: number;
  /** The number of better names for the same field. */
  readonly rank: number;
}

const RANKS: ReadonlyMap<string, Pick<Known, 'field' | 'rank'>> = new Map(
  Object.entries(NAMES).flatMap(([field, names]) =>
    names.map((name, rank): [string, Pick<Known, 'field' | 'rank'>] => [
      name,
      { field: field as Field, rank },
    ]),
  ),
);

function knownKey(path: string): Known | undefined {
  const found = RANKS.get(path.replace(/[_-]/g, '').toLowerCase());
  return found && { path, slot: SLOTS[found.field], ...found };
}

interface Found {
  readonly known: Known;
  readonly text: string;
}

/** The values of the keys that the reader knows, in one line. */
class Values {
  /** The reason why the line cannot be read. */
  wrong: string | undefined;
  /** The best key that the line has for each field, and its value, in the fields' slots. */
  readonly #keys: (Known | undefined)[] = FIELDS.map(() => undefined);
  readonly #texts: (string | undefined)[] = FIELDS.map(() => undefined);
  /** Further keys for the same fields, and their values. */
  #others: Found[] = [];

  clear(): void {
    this.wrong = undefined;
    this.#keys.fill(undefined);
    this.#texts.fill(undefined);
    if (this.#others.length > 0) this.#others = [];
  }

  add(known: Known, text: string, kind: JsonKind): void {
    const { field, slot, path } = known;
    if (field === 'client' && kind !== 'string') this.wrong = `has no text as ${path}`;
    const before = this.#keys[slot];
    if (before === undefined) {
      this.#keys[slot] = known;
      this.#texts[slot] = text;
      return;
    }
    const others = this.#others.filter((each) => each.known.field === field);
    if (before.path === path || others.some((each) => each.known.path === path))
      this.wrong = `has ${path} twice`;
    if (before.rank < known.rank) this.#others.push({ known, text });
    else {
      this.#others.push({ known: before, text: this.#texts[slot] ?? '' });
      this.#keys[slot] = known;
      this.#texts[slot] = text;
    }
  }

  /** The value of a field's best key. @returns undefined when the line has no key for it */
  text(field: Field): string | undefined {
    return this.#texts[SLOTS[field]];
  }

  /** The values of all keys for a field, the best key first. */
  all(field: Field): readonly Found[] {
    const known = this.#keys[SLOTS[field]];
    if (known === undefined) return [];
    const first = { known, text: this.#texts[SLOTS[field]] ?? '' };
    if (this.#others.length === 0) return [first];
    const others = this.#others.filter((each) => each.known.field === field);
    return [first, ...others.sort((one, other) => one.known.rank - other.known.rank)];
  }
}

class NginxJsonReader implements LineReader {
  readonly #json = new JsonReader<Known>(knownKey);
  readonly #time = new AccessTime();
  readonly #values = new Values();
  readonly #add = (known: Known, text: string, kind: JsonKind): void => this.#values.add(known, text, kind);
  /** The key that names the client in this log. */
  #clientPath: string | undefined;

  constructor(private readonly options: ReaderOptions) {}

  read(line: string): Reading {
    const values = this.#values;
    values.clear();
    const reason = this.#json.read(line, this.#add);
    if (reason !== undefined) return unreadable(reason);
    const clients = values.all('client');
    if (clients.length === 0) return unreadable('has none of the keys that usually name the client');
    const status = statusOf(values.text('status') ?? 'none');
    if (status === undefined) return unreadable('has no status');
    if (values.wrong !== undefined) return unreadable(values.wrong);
    const wholeRequest = values.text('request');
    const uri = values.text('uri');
    if (wholeRequest === undefined && uri === undefined) return unreadable('has no request');
    const request =
      wholeRequest === undefined
        ? requestOf(
            values.text('method') ?? '',
            withQuery(uri ?? '', values.text('query')),
            values.text('version'),
          )
        : requestInBytes(wholeRequest);
    if (request === undefined) return NOTHING;
    return accessRecord({
      time: this.#timeIn(values.all('time')),
      client: this.#clientIn(clients, values.text('forwarded')),
      request,
      status,
      size: values.text('size'),
      user: values.text('user'),
      referer: values.text('referer'),
      userAgent: values.text('userAgent'),
      host: values.text('host'),
      uniqueId: values.text('uniqueId'),
    });
  }

  #timeIn(times: readonly Found[]): number | undefined {
    for (const { text } of times) {
      const time = this.#time.read(text);
      if (time !== undefined) return time;
    }
    return undefined;
  }

  /**
   * The same key names the client in all lines. The first line in which only one of the possible keys has a value
   * decides which key that is. Two equal values decide nothing, because a client may send X-Forwarded-For with its own
   * address. So if a log has that header under one of the names for the client, and also the connection's address,
   * lines in which the two addresses differ have no client until the key is decided. And if nothing is escaped
   * (`escape=none`), a key that an attacker adds to a later line changes nothing.
   */
  #clientIn(clients: readonly Found[], header: string | undefined): Named {
    const { policy } = this.options;
    if (this.#clientPath !== undefined) {
      const found = clients.find(({ known }) => known.path === this.#clientPath);
      return found === undefined
        ? nobody(`has no ${this.#clientPath}, which named the client before`)
        : clientIn(found.text, policy, header);
    }
    const [first, ...others] = clients.filter(({ text }) => !isNone(text));
    if (first === undefined) return clientIn('-', policy, header);
    const other = others.find(({ text }) => text !== first.text);
    if (other) return nobody(`has two clients, ${first.known.path} and ${other.known.path}`);
    if (others.length === 0) this.#clientPath = first.known.path;
    return clientIn(first.text, policy, header);
  }
}

/** nginx's $uri and Apache's %U have no query; Apache's %q begins with `?`. */
function withQuery(uri: string, query: string | undefined): string {
  if (query === undefined || isNone(query) || uri.includes('?')) return uri;
  return query.startsWith('?') ? uri + query : `${uri}?${query}`;
}
