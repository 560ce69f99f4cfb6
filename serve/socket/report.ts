import { isHost, parseTarget } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** A web server's report of a request. Its fields are checked, printable and cut to length. */
export interface HookReport {
  /** The address of a host in its canonical form (RFC 5952). */
  readonly address: string;
  /** Method and URI. */
  readonly requestLine?: string;
  /** The request's id in Apache's and ModSecurity's logs. */
  readonly uniqueId?: string;
  /** The id of the ModSecurity rule, digits. */
  readonly ruleId?: string;
  readonly message?: string;
}

/** A message on the wire. */
export type Message = { readonly verb: 'ping' } | { readonly verb: 'report'; readonly report: HookReport };

/** The optional fields of a report on the wire. Each number is the maximum of characters that are kept of the field. */
const TEXTS = { method: 32, uri: 400, id: 64, rule: 10, message: 200 } as const;

/**
 * Reads a message of a client.
 *
 * @throws RiposteError (DATAERR) whose message quotes nothing of the line except the address
 */
export function readMessage(line: string): Message {
  const fields = parsed(line);
  const verb = fields.get('verb');
  if (verb === 'ping') return { verb };
  if (verb !== 'report') throw refusal('the only verbs are report and ping');
  for (const name of fields.keys())
    if (name !== 'verb' && name !== 'address' && !Object.hasOwn(TEXTS, name))
      throw refusal('a report has no such field');
  return { verb, report: reportOf(fields) };
}

function reportOf(fields: ReadonlyMap<string, unknown>): HookReport {
  const text = (name: keyof typeof TEXTS) => textOf(fields.get(name), TEXTS[name], name);
  const requestLine = [text('method'), text('uri')].filter(Boolean).join(' ');
  const [uniqueId, ruleId, message] = [text('id'), text('rule'), text('message')];
  if (ruleId && !/^\d+$/.test(ruleId)) throw refusal('rule is not a number');
  return {
    address: hostOf(fields.get('address')),
    ...(requestLine && { requestLine }),
    ...(uniqueId && { uniqueId }),
    ...(ruleId && { ruleId }),
    ...(message && { message }),
  };
}

/** Returns a map, because an object does not treat `__proto__` as a field. */
function parsed(line: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw refusal('not a JSON line');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal('not a JSON object');
  return new Map(Object.entries(value));
}

function hostOf(value: unknown): string {
  if (typeof value !== 'string') throw refusal('address is not a string');
  const address = parseTarget(value);
  if (!isHost(address)) throw refusal('address is a prefix');
  return address.text;
}

function textOf(value: unknown, length: number, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw refusal(`${name} is not a string`);
  return printable(value, length);
}

const refusal = (reason: string): RiposteError => new RiposteError(EX.DATAERR, reason);
