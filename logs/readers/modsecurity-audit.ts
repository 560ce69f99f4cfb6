import { clientOf } from '../proxies/client-of.ts';
import { withoutQuery } from '../request-path.ts';
import { parseAddressField } from './address-field.ts';
import { type AuditObject, listAt, objectAt, parseAuditJson, textAt } from './audit-json.ts';
import { wordFromBytes } from './canonical-text.ts';
import { errorLine, MODSECURITY, plainText, SECURITY2 } from './error-text.ts';
import { AccessTime, errorLogTime } from './log-time.ts';
import { type ModSecurityMessage, messageInAuditLog } from './modsecurity-message.ts';
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
 * ModSecurity's audit log as JSON, an object a line: `SecAuditLogFormat JSON` and `SecAuditLogType Serial`.
 *
 * The log of version 3 counts without an access log: only ModSecurity writes it, escapes everything in it, and names
 * the request's client. Version 2 names the server's peer, which mod_remoteip does not change. This peer may be a
 * proxy, so the log of version 2 is hearsay: no access log has a request of a proxy, so Riposte never takes a proxy for
 * the source.
 */
export const modSecurityAudit: LogFormat = {
  name: 'modsecurity-audit',
  holds: 'error',
  newReader: (options) => ({ read: (line) => readLine(line, options) }),
};

function readLine(line: string, options: ReaderOptions): Reading {
  const object = parseAuditJson(line);
  if (object === undefined) return unreadable('is not a JSON object, or has a key twice');
  const transaction = objectAt(object, 'transaction');
  if (textAt(transaction, 'client_ip') !== undefined) return ofVersion3(transaction, options);
  if (textAt(transaction, 'remote_address') !== undefined) return ofVersion2(object, options);
  return unreadable("has no transaction with a client's address");
}

interface Found {
  readonly time: number | undefined;
  readonly client: string | undefined;
  readonly noClient: string | undefined;
  readonly port: AuditObject;
  readonly portKey: string;
  readonly target: string | undefined;
  readonly uniqueId: string | undefined;
  /** ModSecurity's action, and the fields of its rules. */
  readonly text: string;
  readonly isHearsay: boolean;
}

function recordOf(found: Found, now: number): ErrorRecord {
  const { time, client, noClient, isHearsay } = found;
  const target = found.target === undefined ? undefined : wordFromBytes(withoutQuery(found.target));
  const uniqueId = found.uniqueId === undefined ? undefined : wordFromBytes(found.uniqueId);
  const uri = target === undefined ? '' : ` [uri "${plainText(withoutQuery(found.target ?? ''))}"]`;
  const id = found.uniqueId === undefined ? '' : ` [unique_id "${plainText(found.uniqueId)}"]`;
  const fields = {
    module: SECURITY2,
    level: 'error',
    code: MODSECURITY,
    message: `${found.text}${uri}${id}`,
  };
  const port = found.port.get(found.portKey);
  const parts = { ...fields, client, pid: '0', port: typeof port === 'number' ? String(port) : undefined };
  const canonical = errorLine({ ...parts, time: time ?? now });
  return { kind: 'error', time, client, noClient, ...fields, target, uniqueId, isHearsay, canonical };
}

/** The rules with which the core rule set denies a request when the scores of its other rules are high enough. */
const BLOCKING_EVALUATION = new Set(['949110', '949111', '959100', '959101']);

function ofVersion3(transaction: AuditObject | undefined, options: ReaderOptions): Reading {
  const messages = listAt(transaction, 'messages').filter((each): each is AuditObject => each instanceof Map);
  const rules = messages.map((each) => ({
    id: textAt(objectAt(each, 'details'), 'ruleId') ?? '',
    message: textAt(each, 'message') ?? '',
  }));
  if (transaction === undefined || rules.length === 0) return NOTHING;
  const request = objectAt(transaction, 'request');
  const code = objectAt(transaction, 'response')?.get('http_code');
  // An error status alone is not a denial: a rule may only have warned, and the site itself may have failed.
  const isDenied =
    transaction.get('is_interrupted') === true ||
    (textAt(objectAt(transaction, 'producer'), 'secrules_engine') === 'Enabled' &&
      typeof code === 'number' &&
      code >= 400 &&
      rules.some(({ id }) => BLOCKING_EVALUATION.has(id)));
  const action = isDenied ? `Access denied with code ${typeof code === 'number' ? code : 403}.` : 'Warning.';
  const fields = ownFirst(rules).map(({ id, message }) => `${idField(id)} [msg "${plainText(message)}"]`);
  return recordOf(
    {
      time: errorLogTime(textAt(transaction, 'time_stamp') ?? ''),
      ...clientFrom(textAt(transaction, 'client_ip'), request, options),
      port: transaction,
      portKey: 'client_port',
      target: textAt(request, 'uri'),
      uniqueId: textAt(transaction, 'unique_id'),
      text: `${action}${fields.join('')}`,
      isHearsay: false,
    },
    options.now,
  );
}

/** Puts the rules of httpd.conf.d first, because rules on the text look only at the first id. */
function ownFirst<Each extends { readonly id: string }>(rules: readonly Each[]): Each[] {
  const isOwn = ({ id }: Each): boolean => /^(?:117\d\d|99900[45])$/.test(id);
  return [...rules.filter(isOwn), ...rules.filter((each) => !isOwn(each))];
}

const idField = (id: string): string => (/^\d{1,12}$/.test(id) ? ` [id "${id}"]` : '');

function ofVersion2(object: AuditObject, options: ReaderOptions): Reading {
  const transaction = objectAt(object, 'transaction') ?? new Map();
  const data = objectAt(object, 'audit_data');
  const said = textsIn(data, 'messages').filter((text) => /^(?:Warning\. |Access denied )/.test(text));
  const isDenial = (text: string): boolean => text.startsWith('Access denied');
  const messages = [...said.filter(isDenial), ...said.filter((text) => !isDenial(text))].map(
    messageInAuditLog,
  );
  if (messages.length === 0) return NOTHING;
  const request = objectAt(object, 'request');
  const named = clientInErrorMessages(data);
  return recordOf(
    {
      time: timeOf(textAt(transaction, 'time') ?? ''),
      ...clientFrom(named ?? textAt(transaction, 'remote_address'), request, options),
      port: transaction,
      portKey: 'remote_port',
      target: requestLine(textAt(request, 'request_line') ?? '', (text) => text)?.target,
      uniqueId: textAt(transaction, 'transaction_id'),
      text: together(messages),
      isHearsay: true,
    },
    options.now,
  );
}

/** The first message's action, and the fields of all messages. */
function together(messages: readonly ModSecurityMessage[]): string {
  const rules = messages.flatMap(({ ids, fields }) => ids.map((id) => ({ id, fields })));
  const rest = messages.filter(({ ids }) => ids.length === 0).map(({ fields }) => fields);
  const fields = [...ownFirst(rules).map((each) => each.fields), ...rest];
  return `${messages[0]?.reason ?? ''}${fields.join('')}`;
}

/** `20/Nov/2026:09:00:00 +0000`, since 2.9.7 with millionths. */
const timeOf = (text: string): number | undefined => new AccessTime().read(text);

/**
 * The client as mod_remoteip knows it, if ModSecurity (2.9.7 and before) names it at the beginning of a message in
 * Apache's error log. No client writes that beginning.
 */
function clientInErrorMessages(data: AuditObject | undefined): string | undefined {
  const begin =
    /^\[file "apache2_util\.c"\] \[line \d{1,6}\] \[level \d\] \[client ([0-9a-fA-F:.]{2,45})\] ModSecurity: /;
  const found = textsIn(data, 'error_messages').flatMap((text) => begin.exec(text)?.[1] ?? []);
  const [first] = found;
  return first !== undefined && found.every((each) => each === first) ? parseAddressField(first) : undefined;
}

const textsIn = (object: AuditObject | undefined, key: string): readonly string[] =>
  listAt(object, key).filter((each) => typeof each === 'string');

/** The client of the request: the peer, or, if the peer is a trusted proxy, the client that the proxy names. */
function clientFrom(
  peer: string | undefined,
  request: AuditObject | undefined,
  { policy }: ReaderOptions,
): { client: string | undefined; noClient: string | undefined } {
  const values = [...(objectAt(request, 'headers') ?? [])]
    .filter(([name]) => name.toLowerCase() === 'x-forwarded-for')
    .map(([, value]) => value);
  // If the client sent the header twice, the order of the two values is unknown, so use a text in which clientOf()
  // finds no address.
  const header =
    values.length === 0 ? '-' : values.length > 1 || typeof values[0] !== 'string' ? '?' : values[0];
  const address = peer === undefined ? undefined : parseAddressField(peer);
  const found = clientOf(address, header, 'x-forwarded-for', policy);
  return { client: found.address, noClient: found.address === undefined ? found.reason : undefined };
}
