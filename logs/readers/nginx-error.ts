import { clientOf } from '../proxies/client-of.ts';
import { withoutQuery } from '../request-path.ts';
import { parseAddressField } from './address-field.ts';
import { wordFromBytes } from './canonical-text.ts';
import { errorLine, MODSECURITY, plainText, SECURITY2 } from './error-text.ts';
import { isoTime } from './log-time.ts';
import {
  type ErrorRecord,
  type LogFormat,
  NOTHING,
  type ReaderOptions,
  type Reading,
  unreadable,
} from './reading.ts';
import { requestLine } from './request-line.ts';

/**
 * nginx's error log (src/core/ngx_log.c, ngx_http_log_error):
 *
 *   2026/11/20 09:29:46 [error] 812#812: *5 open() "/srv/.env" failed (2: No such file or directory),
 *   client: 203.0.113.7, server: example.org, request: "GET /.env HTTP/1.1", host: "example.org"
 *
 * nginx escapes nothing in it: file names, user names, headers and the output of FastCGI programs are in it with their
 * quotes and newlines. A line that does not begin with the time may be a client's bytes after a raw newline: it is
 * unreadable. Because such bytes may also look like a whole line, every record is hearsay.
 */
export const nginxError: LogFormat = {
  name: 'nginx-error',
  holds: 'error',
  newReader: (options) => ({ read: (line) => readLine(line, options) }),
};

const HEAD =
  /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(emerg|alert|crit|error|warn|notice|info|debug)\] (\d{1,10})#\d{1,20}: (?:\*\d{1,20} )?/;
/** nginx cuts its lines at 2,048 bytes, OpenResty at 4,096: a longer line is a client's or a program's text. */
const LONGEST_LINE = 4096;
const mayBeCut = (line: string): boolean => (line.length > 2000 && line.length <= 2048) || line.length > 4000;
const CLIENT = ', client: ';
const REQUEST = ', request: "';

function readLine(line: string, { now, policy }: ReaderOptions): Reading {
  if (line.length > LONGEST_LINE) return unreadable('is longer than any line of nginx');
  const [head, when = '', level = '', pid = ''] = HEAD.exec(line) ?? [];
  if (head === undefined) return unreadable("does not begin as nginx's error log does");
  const text = line.slice(head.length);
  const modSecurity = modSecurityIn(text, level, mayBeCut(line));
  const peers = clientsIn(text);
  if (modSecurity?.client !== undefined) peers.add(modSecurity.client);
  if (peers.size === 0) return NOTHING;
  const [peer = ''] = peers;
  const address = peers.size === 1 ? parseAddressField(peer) : undefined;
  // A trusted proxy is not a client.
  const named = address === undefined ? undefined : clientOf(address, undefined, undefined, policy);
  const client = named?.address;
  const record: Omit<ErrorRecord, 'canonical'> = {
    kind: 'error',
    time: isoTime(when, 'local'),
    client,
    noClient:
      named === undefined ? reasonAgainst(peers) : named.address === undefined ? named.reason : undefined,
    level,
    isHearsay: true,
    module: 'nginx',
    code: '',
    message: plainText(beforeClient(text)),
    target: targetIn(text),
    ...modSecurity?.record,
    ...(client === undefined ? { target: undefined, uniqueId: undefined } : {}),
  };
  return { ...record, canonical: errorLine({ ...record, pid, time: record.time ?? now }) };
}

function reasonAgainst(peers: ReadonlySet<string>): string {
  if (peers.size > 1) return 'names several clients';
  return peers.has('') ? 'is cut off in its client' : `'${plainText([...peers][0] ?? '')}' is not an address`;
}

/** Every address that may be the client's: nginx writes one, and a client may write more, before and after it. */
function clientsIn(text: string): Set<string> {
  const found = new Set<string>();
  for (let at = text.indexOf(CLIENT); at >= 0; at = text.indexOf(CLIENT, at + CLIENT.length)) {
    const from = at + CLIENT.length;
    const comma = text.indexOf(',', from);
    // Without the comma the address itself may be cut: 203.0.113.77 to 203.0.113.7.
    found.add(comma < 0 ? '' : text.slice(from, Math.min(comma, from + LONGEST_CLIENT)));
    if (found.size > 1) break;
  }
  return found;
}

const LONGEST_CLIENT = 100;

/**
 * The target of the request, which follows the client. nginx writes the request without escapes, so there is no target
 * if the line seems to name several clients or requests.
 */
function targetIn(text: string): string | undefined {
  const from = onlyIndexOf(text, CLIENT) < 0 ? -1 : onlyIndexOf(text, REQUEST);
  if (from < 0) return undefined;
  const start = from + REQUEST.length;
  const next = text.indexOf('", ', start);
  const end = next < 0 ? text.lastIndexOf('"') : next;
  const target = end < start ? undefined : requestLine(text.slice(start, end), wordFromBytes)?.target;
  return target === undefined ? undefined : withoutQuery(target);
}

interface Found {
  /** The client before the message. A warning has no client there. */
  readonly client: string | undefined;
  readonly record: Partial<ErrorRecord>;
}

/**
 * ModSecurity's connector for nginx writes a denial at level error, with the client in front, and a warning at level
 * info, without the client.
 */
const DENIAL =
  /^\[client ([0-9a-fA-F:.]{2,45})\] ModSecurity: (Access denied with code \d{3} \(phase \d\))\. /;
const WARNING = /^ModSecurity: ()(Warning)\. /;

/**
 * A message of ModSecurity 3. It holds a client's text with raw quotes, before its fields and within them: a field
 * counts only when the line has the field's name once, and nginx has not cut the line.
 */
function modSecurityIn(text: string, level: string, isCut: boolean): Found | undefined {
  const begin = level === 'error' ? DENIAL : level === 'info' ? WARNING : undefined;
  const [head, client, action] = begin?.exec(text) ?? [];
  if (head === undefined) return undefined;
  const fields = ['id', 'uri', 'unique_id'].flatMap((name) => {
    const value = isCut ? undefined : onlyField(text, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const value = (name: string) => fields.find(([each]) => each === name)?.[1];
  const uri = value('uri');
  const uniqueId = value('unique_id');
  const shown = fields.map(([name, each]) => ` [${name} "${plainText(each)}"]`).join('');
  const target = targetIn(text) ?? (uri === undefined ? undefined : withoutQuery(wordFromBytes(uri)));
  const record = {
    module: SECURITY2,
    code: MODSECURITY,
    message: `${action}.${shown}`,
    target,
    uniqueId: uniqueId === undefined ? undefined : wordFromBytes(uniqueId),
  };
  return { client: client === '' ? undefined : client, record };
}

/** The value of a field, if the line has the field's name once and the value has the right form. */
function onlyField(text: string, name: string): string | undefined {
  const begin = ` [${name} "`;
  const at = onlyIndexOf(text, begin);
  const end = at < 0 ? -1 : text.indexOf('"]', at + begin.length);
  if (end < 0) return undefined;
  const value = text.slice(at + begin.length, end);
  const form = name === 'id' ? /^\d{1,12}$/ : /^[!#-~]{1,300}$/;
  return form.test(value) ? value : undefined;
}

/** The message: nginx writes it before the client. */
function beforeClient(text: string): string {
  const end = text.indexOf(CLIENT);
  return end < 0 ? text : text.slice(0, end);
}

/** The offset of a part in a text that has it exactly once; else -1. */
function onlyIndexOf(text: string, part: string): number {
  const at = text.indexOf(part);
  return at >= 0 && text.indexOf(part, at + 1) < 0 ? at : -1;
}
