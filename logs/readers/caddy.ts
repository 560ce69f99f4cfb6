import { accessRecord, clientIn, requestOf, statusOf, withoutPort } from './access-record.ts';
import { JsonValuesReader } from './json-values.ts';
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
 * Caddy 2's access log, in its default JSON encoding (caddyserver.com/docs/caddyfile/directives/log):
 *
 *   {"level":"info","ts":1646861401.5241024,"logger":"http.log.access.log0","msg":"handled request",
 *    "request":{"remote_ip":"203.0.113.7","remote_port":"41342","client_ip":"203.0.113.7","proto":"HTTP/2.0",
 *    "method":"GET","host":"example.org","uri":"/","headers":{"User-Agent":["curl/7.82.0"]}},"user_id":"",
 *    "size":10900,"status":404,"resp_headers":{…}}
 *
 * The peer is remote_ip; before Caddy 2.5, it is remote_addr, which includes the port. client_ip is not a peer: Caddy
 * takes it from the left of X-Forwarded-For unless trusted_proxies_strict is set, so a client behind a trusted proxy
 * can choose it. Caddy's other messages, about errors and about itself, are not requests.
 */
export const caddy: LogFormat = {
  name: 'caddy',
  holds: 'access',
  isOnStandardError: true,
  newReader: (options) => new CaddyReader(options),
  isToldBy: (line) => line.includes('"logger":"http.log.access') && line.includes('"request":{'),
};

const KEYS = {
  names: {
    ts: 'time',
    logger: 'logger',
    level: 'level',
    'request.remote_ip': 'peer',
    'request.remote_addr': 'peerWithPort',
    'request.proto': 'version',
    'request.method': 'method',
    'request.uri': 'uri',
    'request.host': 'host',
    'request.headers.User-Agent[]': 'userAgent',
    'request.headers.Referer[]': 'referer',
    'request.headers.X-Forwarded-For[]': 'forwarded',
    user_id: 'user',
    status: 'status',
    size: 'size',
  },
  numbers: ['time', 'status', 'size'],
  lists: ['forwarded'],
} as const;

type Name = (typeof KEYS.names)[keyof typeof KEYS.names];

class CaddyReader implements LineReader {
  readonly #json = new JsonValuesReader<Name>(KEYS);
  readonly #time = new AccessTime();

  constructor(private readonly options: ReaderOptions) {}

  read(line: string): Reading {
    const found = this.#json.read(line);
    if (typeof found === 'string') return unreadable(found);
    const { values, wrong } = found;
    if (values.logger === undefined || values.level === undefined)
      return unreadable('has no logger or level');
    if (!isAccess(values.logger)) return NOTHING;
    if (wrong !== undefined) return unreadable(wrong);
    const { method, uri } = values;
    const { policy } = this.options;
    const peer = values.peer ?? (values.peerWithPort && withoutPort(values.peerWithPort));
    if (peer === undefined) return unreadable('has no remote_ip');
    if (method === undefined || uri === undefined) return unreadable('has no request');
    const status = statusOf(values.status ?? 'none');
    if (status === undefined) return unreadable('has no status');
    const request = requestOf(method, uri, values.version);
    if (request === undefined) return NOTHING;
    const time = values.time === undefined ? undefined : this.#time.read(values.time);
    return accessRecord({
      ...values,
      time,
      client: clientIn(peer, policy, values.forwarded ?? '-'),
      request,
      status,
    });
  }
}

const isAccess = (logger: string): boolean => logger.startsWith('http.log.access');
