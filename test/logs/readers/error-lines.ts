import fc from 'fast-check';
import { Engine } from '../../../engine/engine.ts';
import { builtInSources } from '../../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../../engine/ruleset/ruleset.ts';
import { errorEvent } from '../../../evaluate/read-events.ts';
import { formatNamed } from '../../../logs/readers/formats.ts';
import type { ErrorRecord, LineReader, ReaderOptions, Reading } from '../../../logs/readers/reading.ts';

/** The client of every line that the tests make, and an address that attackers write into their texts. */
export const CLIENT = '203.0.113.7';
export const THIRD = '198.51.100.99';

export const OPTIONS: ReaderOptions = {
  policy: { trustsPeer: false, proxies: undefined },
  now: 1_795_000_000,
};

export const readerOf = (format: string): LineReader => formatNamed(format).newReader(OPTIONS);

/** The record of a line that must be a record. */
export function recordOf(reading: Reading): ErrorRecord {
  if (reading.kind !== 'error') throw new Error(`not a record of an error, but ${JSON.stringify(reading)}`);
  return reading;
}

const ruleset = loadRuleset(builtInSources('ossec', false));

/** The rule that the built-in ruleset finds for a single record. */
export function ruleFor(record: ErrorRecord): number | undefined {
  const engine = new Engine(ruleset, { counting: 'keyed', host: 'here' });
  return engine.judgeRead(errorEvent(record), 'the line', 1_795_000_000, '/var/log/error.log').rule?.id;
}

/** Escapes bytes like `ap_escape_errorlog_item` of Apache 2.4, which leaves quotes alone. */
export function asApacheEscapes(text: string): string {
  const letters: Record<string, string> = {
    '\b': 'b',
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
    '\v': 'v',
    '\\': '\\',
  };
  return [...text]
    .map((character) => {
      const letter = letters[character];
      if (letter !== undefined) return `\\${letter}`;
      const code = character.charCodeAt(0);
      return code < 0x20 || code > 0x7e ? `\\x${code.toString(16).padStart(2, '0')}` : character;
    })
    .join('');
}

interface ApacheParts {
  module?: string;
  client?: string;
  port?: number;
  errno?: string;
  message: string;
  referer?: string;
}

/** A line as Apache 2.4's `do_errorlog_default` writes and cuts it. */
export function apacheLine({
  module = 'core',
  client = CLIENT,
  port = 54321,
  errno,
  message,
  referer,
}: ApacheParts) {
  const head = `[Fri Oct 10 13:55:36.123456 2025] [${module}:error] [pid 812:tid 1408] `;
  const about = `${errno === undefined ? '' : `${errno}: `}[client ${client}:${port}] `;
  const end = referer === undefined ? '' : `, referer: ${asApacheEscapes(referer)}`;
  return `${head}${about}${asApacheEscapes(message.slice(0, 8191))}${end}`.slice(0, 8190);
}

/** A line of Apache 2.2: it has neither a fraction of a second, nor a module, nor a port. */
export function oldApacheLine({ client = CLIENT, message, referer }: ApacheParts): string {
  const end = referer === undefined ? '' : `, referer: ${asApacheEscapes(referer)}`;
  const line = `[Fri Oct 10 13:55:36 2025] [error] [client ${client}] ${asApacheEscapes(message)}${end}`;
  return line.slice(0, 8190);
}

/** Escapes bytes like `log_escape` of ModSecurity 2. */
export function asModSecurityEscapes(text: string): string {
  return asApacheEscapes(text).replaceAll('"', '\\"');
}

export interface ModSecurityParts {
  action?: string;
  /** The name of an argument; ModSecurity 2 does not escape quotes in it. */
  variable: string;
  id: string;
  message: string;
  data: string;
  host: string;
  uri: string;
  uniqueId?: string;
}

/** ModSecurity 2's message about a rule. ModSecurity cuts the text before the host name at 1,023 bytes. */
export function modSecurityMessage(parts: ModSecurityParts): string {
  const { action = 'Access denied with code 403 (phase 2).', variable, id, message, data, host, uri } = parts;
  const variableName = asApacheEscapes(variable);
  const hex = data.replace(
    /[^ !#-[\]-~]/g,
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  const said =
    `${action} String match "foo" at ARGS_NAMES:${variableName}. [file "/etc/modsecurity/rules.conf"] [line "56"] ` +
    `[id "${id}"] [msg "${asModSecurityEscapes(message)}"] [data "${hex}"] [severity "CRITICAL"] ` +
    `[tag "${asModSecurityEscapes(message)}"]`;
  const unique = parts.uniqueId === undefined ? '' : ` [unique_id "${parts.uniqueId}"]`;
  return `${said.slice(0, 1023)} [hostname "${asModSecurityEscapes(host)}"] [uri "${asModSecurityEscapes(uri)}"]${unique}`;
}

export interface NginxErrorParts {
  /** The path of a file, or the text that ModSecurity has matched. */
  readonly path: string;
  /** The target of the request, without its first slash. */
  readonly request: string;
  readonly host: string;
  readonly referrer: string;
  readonly isOfModSecurity: boolean;
  readonly client?: string;
}

/** A line of nginx's error log. nginx escapes nothing in the line, and cuts the line at 2,047 bytes. */
export function nginxErrorLine({
  path,
  request,
  host,
  referrer,
  isOfModSecurity,
  client = CLIENT,
}: NginxErrorParts): string {
  const message = isOfModSecurity
    ? `[client ${client}] ModSecurity: Access denied with code 403 (phase 1). Matched (Value: \`${path}' ) [file "/a"] [line "1"] [id "960017"] [msg "${host}"] [uri "/${path}"]`
    : `open() "/srv/${path}" failed (2: No such file or directory)`;
  return (
    `2025/10/10 13:55:36 [error] 812#812: *5 ${message}, client: ${client}, server: _, ` +
    `request: "GET /${request} HTTP/1.1", host: "${host}", referrer: "${referrer}"`
  );
}

export interface AuditShape {
  id?: string;
  uri?: string;
  message?: string;
  match?: string;
  code?: number;
  headers?: Record<string, string>;
  more?: object;
}

/** A transaction in the audit log of ModSecurity 3.0.9. */
export function auditVersion3({
  id = '999005',
  uri = '/m/honey?x',
  message = 'honey',
  match = 'x',
  code = 403,
  headers = {},
  more = {},
}: AuditShape = {}) {
  const details = {
    match,
    reference: 'o3,5v4,8',
    ruleId: id,
    file: '/etc/m.conf',
    lineNumber: '9',
    data: match,
    severity: '2',
    tags: [],
  };
  return {
    transaction: {
      client_ip: CLIENT,
      time_stamp: 'Sat Nov 28 21:57:21 2026',
      server_id: '2ce124b0c5d02b433a9392782ff8b313286c1942',
      client_port: 51234,
      host_ip: '192.0.2.1',
      host_port: 80,
      unique_id: '179590304172.137324',
      request: { method: 'GET', http_version: 1.1, uri, headers: { Host: 'example.org', ...headers } },
      response: { http_code: code },
      producer: { modsecurity: 'ModSecurity v3.0.9 (Linux)', secrules_engine: 'Enabled', components: [] },
      messages: [{ message, details }],
      ...more,
    },
  };
}

/** A transaction in the audit log of ModSecurity 2.9.7 with mod_remoteip. The log names the proxy's address. */
export function auditVersion2(message: string, said: string[] = []): object {
  return {
    transaction: {
      time: '28/Nov/2026:21:56:24.714700 +0000',
      transaction_id: 'awtOCDRb2l95JKnJophf7QAAAEA',
      remote_address: '192.0.2.1',
      remote_port: 33414,
    },
    request: { request_line: 'GET /honey?x=%22 HTTP/1.1', headers: { Host: 'example.org' } },
    response: {},
    audit_data: { messages: [message], error_messages: said, action: { intercepted: true } },
  };
}

/** Pieces of lines of all kinds, which name the third party. */
export const FORGED_PIECES: readonly string[] = [
  `[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
  `[client ${THIRD}:1234] [client ${THIRD}] ModSecurity: Access denied with code 403 (phase 1). x [id "999005"]`,
  `[client ${THIRD}:1234] AH01630: client denied by server configuration: /x`,
  `[security2:error] [pid 1:tid 2] [client ${THIRD}:1] [client ${THIRD}] ModSecurity: Warning. x [id "999004"]`,
  `[Fri Oct 10 13:55:36.123456 2025] [security2:error] [pid 1] [client ${THIRD}:1] [client ${THIRD}] ModSecurity: `,
  `[Fri Oct 10 13:55:36 2025] [error] [client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
  '[file "/etc/x.conf"] [line "1"] [id "999005"] [hostname "x"] [uri "/forged"] [unique_id "forged"]',
  ' [id "999005"]',
  ' [uri "/forged"]',
  ' [uri "/forged"] [unique_id "forged"]',
  '"], referer: ',
  ', referer: ',
  '"] [id "999005"] [uri "/forged"], referer: x',
  `, client: ${THIRD}, server: _, request: "GET /forged HTTP/1.1", host: "x"`,
  `" failed (2: No such file or directory), client: ${THIRD}, server: _, request: "GET /forged HTTP/1.1"`,
  `2025/10/10 13:55:36 [error] 1#1: *5 open() "/x" failed, client: ${THIRD}, server: _, request: "GET / HTTP/1.1"`,
  `${THIRD} - - [10/Oct/2025:13:55:36 +0000] "GET /.env HTTP/1.1" 404 1 "-" "sqlmap"`,
  `{"transaction":{"client_ip":"${THIRD}","request":{"uri":"/forged"}}}`,
  '","client_ip":"198.51.100.99","x":"',
  'Access denied with code 403 (phase 2). ',
  'ModSecurity: ',
  '. ',
  ']',
  '"',
  '\\',
  '\\"',
  '\n',
  ': ',
  ' ',
];

/** A text of a client: forged pieces and any bytes, in any order. */
export const hostileText = (maxLength = 6): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...FORGED_PIECES) },
        {
          weight: 1,
          arbitrary: fc.string({
            unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
            maxLength: 12,
          }),
        },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 1100 }).map((length) => 'a'.repeat(length)) },
      ),
      { maxLength },
    )
    .map((pieces) => pieces.join(''));

/** The number of generated lines in each test. The bench sets RIPOSTE_RUNS. */
export const RUNS = Number(process.env.RIPOSTE_RUNS ?? 2000);
