import {
  accessRecord,
  clientIn,
  isNone,
  type Named,
  nobody,
  requestOf,
  statusOf,
  withoutPort,
} from './access-record.ts';
import { parseAddressField } from './address-field.ts';
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
 * Traefik's access log with `format: json` (doc.traefik.io/traefik/observe/logs-and-access-logs):
 *
 *   {"ClientAddr":"203.0.113.7:51432","ClientHost":"203.0.113.7","ClientUsername":"-","DownstreamContentSize":19,
 *    "DownstreamStatus":404,"RequestHost":"example.org","RequestMethod":"GET","RequestPath":"/.env",
 *    "RequestProtocol":"HTTP/1.1","StartUTC":"2025-10-10T13:55:36.123456789Z","level":"info","msg":"","time":"…"}
 *
 * ClientAddr is the peer. ClientHost is the peer too, unless the request has an X-Forwarded-For header from a proxy
 * that Traefik trusts: then ClientHost is that header, unchanged (pkg/middlewares/accesslog/logger.go).
 */
export const traefikJson: LogFormat = {
  name: 'traefik-json',
  holds: 'access',
  newReader: (options) => new TraefikReader(options),
  isToldBy: (line) => line.includes('"RequestMethod":') && line.includes('"ClientHost":'),
};

const KEYS = {
  names: {
    ClientAddr: 'peer',
    ClientHost: 'forwarded',
    ClientUsername: 'user',
    DownstreamContentSize: 'size',
    DownstreamStatus: 'status',
    RequestMethod: 'method',
    RequestPath: 'uri',
    RequestProtocol: 'version',
    RequestHost: 'host',
    StartUTC: 'start',
    StartLocal: 'startLocal',
    time: 'time',
    level: 'level',
    msg: 'msg',
    'request_User-Agent': 'userAgent',
    request_Referer: 'referer',
  },
  numbers: ['size', 'status'],
} as const;

type Name = (typeof KEYS.names)[keyof typeof KEYS.names];

class TraefikReader implements LineReader {
  readonly #json = new JsonValuesReader<Name>(KEYS);
  readonly #time = new AccessTime();

  constructor(private readonly options: ReaderOptions) {}

  read(line: string): Reading {
    const found = this.#json.read(line);
    if (typeof found === 'string') return unreadable(found);
    const { values, wrong } = found;
    const { peer, forwarded, method, uri } = values;
    // If Traefik logs to standard output, its own messages are in the same stream.
    if (method === undefined && values.level !== undefined && values.msg !== undefined) return NOTHING;
    if (wrong !== undefined) return unreadable(wrong);
    if (peer === undefined && forwarded === undefined) return unreadable('has no ClientHost');
    if (method === undefined || uri === undefined) return unreadable('has no request');
    const status = statusOf(values.status ?? 'none');
    if (status === undefined) return unreadable('has no DownstreamStatus');
    const request = requestOf(method, uri, values.version);
    if (request === undefined) return NOTHING;
    const time = this.#time.read(values.start ?? values.startLocal ?? values.time ?? '');
    return accessRecord({ ...values, time, client: this.#client(peer, forwarded), request, status });
  }

  #client(peerAndPort: string | undefined, host: string | undefined): Named {
    const { policy } = this.options;
    // A log without ClientAddr (`fields.names`) has only ClientHost. If ClientHost is a list, the line has no client.
    if (peerAndPort === undefined) return clientIn(host ?? '', policy);
    const peer = withoutPort(peerAndPort) ?? peerAndPort;
    const address = parseAddressField(peer);
    const isForwarded = host !== undefined && !isNone(host) && parseAddressField(host) !== address;
    if (isForwarded && !policy.trustsPeer && policy.proxies === undefined)
      return nobody(`comes through the proxy ${address}, which Traefik trusts; set TRUSTED_PROXIES`);
    return clientIn(peer, policy, isForwarded ? host : '-');
  }
}
