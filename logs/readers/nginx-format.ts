import { EX, RiposteError } from '../../base/errors.ts';
import { proxyHeader } from './apache-format.ts';
import type { LogFormat } from './reading.ts';
import { chars } from './segment.ts';
import {
  ADDRESS,
  ANY_TEXT,
  NUMBER,
  type TemplateField,
  type TemplateOptions,
  type TemplateToken,
  templateFormat,
  WORD,
} from './template.ts';

/** The escaping, as in `log_format NAME escape=… '…'`. */
export type NginxEscape = 'default' | 'json' | 'none';

/**
 * A text format that nginx's log_format defines, such as `$remote_addr - $remote_user [$time_local] "$request" …`, its
 * pieces joined.
 *
 * The facts about nginx's output are from ngx_http_log_module.c, ngx_escape_json() and ngx_http_variables.c:
 * - By default `"`, `\`, control characters and bytes above 0x7e are `\xHH`, and a missing value is `-`.
 * - With `escape=json`, `"` and `\` have a backslash in front, control characters are `\n` or `\u001F`, and a
 *   missing value is an empty text.
 * - With `escape=none` a text is as the client sends it. `$uri` and `$remote_user` may hold line breaks then, so a
 *   client could write whole lines of the log: such a format is refused.
 * - `$host` may hold spaces in nginx before 1.21.1.
 *
 * @throws RiposteError (CONFIG) for a format that does not say safely which address is the client's
 */
export function nginxFormat(
  name: string,
  format: string,
  escaping: NginxEscape,
  options: Pick<TemplateOptions, 'hasTail' | 'isToldBy'> = {},
): LogFormat {
  if (escaping === 'none')
    throw new RiposteError(
      EX.CONFIG,
      `log format '${name}': with escape=none nginx writes quotes and line breaks as a client sends them, so a client ` +
        'could write whole lines; remove escape=none from its log_format',
    );
  const tokens = nginxTokens(format);
  return templateFormat(name, tokens, { ...options, setting: 'log_format', address: '$remote_addr' });
}

/** `$request`, `${request}` */
const VARIABLE = /\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g;

function nginxTokens(format: string): TemplateToken[] {
  const tokens: TemplateToken[] = [];
  let at = 0;
  for (const found of format.matchAll(VARIABLE)) {
    if (found.index > at) tokens.push(format.slice(at, found.index));
    tokens.push(fieldOf((found[1] ?? found[2] ?? '').toLowerCase(), found[0]));
    at = found.index + found[0].length;
  }
  if (at < format.length) tokens.push(format.slice(at));
  return tokens;
}

const LETTERS = chars(/[a-z]/);
const LOCAL = chars(/[-+/: 0-9A-Za-z]/);
const LOCAL_WIDTH = '20/Nov/2026:09:00:00 +0000'.length;
const ISO = chars(/[-+:T0-9Z]/);
const ISO_WIDTH = '2026-11-20T09:00:00+00:00'.length;

type Fields = Readonly<Record<string, Omit<TemplateField, 'directive'>>>;

const VARIABLES: Fields = {
  remote_addr: { chars: ADDRESS, role: 'client' },
  realip_remote_addr: { chars: ADDRESS, role: 'client', rank: 1 },
  proxy_add_x_forwarded_for: { chars: ANY_TEXT, role: 'header', header: 'appended' },
  // The PROXY protocol is not a header, and a proxy that writes it may pass on any header as a client wrote it.
  proxy_protocol_addr: { chars: ADDRESS, role: 'header', header: 'proxy-protocol', rank: -1 },
  time_local: { chars: LOCAL, width: LOCAL_WIDTH, role: 'time', time: { kind: 'clf' } },
  time_iso8601: { chars: ISO, width: ISO_WIDTH, role: 'time', time: { kind: 'iso' } },
  msec: { chars: NUMBER, role: 'time', time: { kind: 'epoch' } },
  remote_user: { chars: ANY_TEXT, role: 'user' },
  request: { chars: ANY_TEXT, role: 'request' },
  // nginx accepts only `A` to `Z`, `-` and `_` in a method, and only `HTTP/` and digits as a protocol.
  request_method: { chars: chars(/[A-Z_-]/), role: 'method' },
  server_protocol: { chars: chars(/[A-Z0-9/.]/), role: 'version' },
  request_uri: { chars: ANY_TEXT, role: 'target' },
  uri: { chars: ANY_TEXT, role: 'path', rank: 1 },
  document_uri: { chars: ANY_TEXT, role: 'path', rank: 1 },
  args: { chars: ANY_TEXT, role: 'args' },
  query_string: { chars: ANY_TEXT, role: 'args' },
  status: { chars: NUMBER, role: 'status' },
  body_bytes_sent: { chars: NUMBER, role: 'size' },
  bytes_sent: { chars: NUMBER, role: 'size', rank: 1 },
  http_referer: { chars: ANY_TEXT, role: 'referer' },
  http_user_agent: { chars: ANY_TEXT, role: 'userAgent' },
  server_name: { chars: WORD, role: 'host' },
  host: { chars: WORD, role: 'host', rank: 1, isSoft: true },
  http_host: { chars: ANY_TEXT, role: 'host', rank: 2 },
  request_id: { chars: WORD, role: 'uniqueId' },
  scheme: { chars: LETTERS },
  https: { chars: LETTERS },
  is_args: { chars: chars(/[?]/) },
};

const ADDRESSES = ['server_addr', 'proxy_protocol_server_addr'];
const NUMBERS = [
  'bytes_received',
  'connection',
  'connection_requests',
  'connection_time',
  'content_length_sent',
  'gzip_ratio',
  'pid',
  'proxy_protocol_port',
  'proxy_protocol_server_port',
  'realip_remote_port',
  'remote_port',
  'request_length',
  'request_time',
  'server_port',
  'tcpinfo_rcv_space',
  'tcpinfo_rtt',
  'tcpinfo_rttvar',
  'tcpinfo_snd_cwnd',
];
const WORDS = [
  'hostname',
  'http2',
  'http3',
  'limit_conn_status',
  'limit_req_status',
  'nginx_version',
  'pipe',
  'request_completion',
  'ssl_cipher',
  'ssl_curve',
  'ssl_early_data',
  'ssl_protocol',
  'ssl_session_id',
  'ssl_session_reused',
  'upstream_cache_status',
];

/** An unknown variable may hold anything: maps and other modules make variables from a client's texts. */
function fieldOf(variable: string, directive: string): TemplateField {
  const known = VARIABLES[variable];
  if (known) return { ...known, directive };
  if (ADDRESSES.includes(variable)) return { directive, chars: ADDRESS };
  if (NUMBERS.includes(variable)) return { directive, chars: NUMBER };
  if (WORDS.includes(variable)) return { directive, chars: WORD };
  const proxy = variable.startsWith('http_')
    ? proxyHeader(variable.slice(5).replaceAll('_', '-'))
    : undefined;
  return { directive, chars: ANY_TEXT, ...(proxy && { role: 'header', ...proxy }) };
}
