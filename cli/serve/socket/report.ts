import { isHost, parseTarget } from '../../../active-response/address.ts';
import { EX, RiposteError } from '../../../active-response/errors.ts';
import { printable } from '../../../active-response/printable.ts';

/** What a web server tells of a request: checked, printable, and cut. */
export interface Report {
  /** A host's address in its one spelling (RFC 5952). */
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
export type Message = { readonly verb: 'ping' } | { readonly verb: 'report'; readonly report: Report };

/** The fields of a report on the wire besides verb and address, and how many characters of each are kept. */
const TEXTS = { method: 32, uri: 400, id: 64, rule: 10, message: 200 } as const;

/**
 * Reads a line of a client.
 *
 * @throws RiposteError (DATAERR) with a reason that repeats nothing of what the client sent but its address
 */
export function readMessage(line: string): Message {
  const fields = parsed(line);
  const verb = fields.get('verb');
  if (verb === 'ping') return { verb };
  if (verb !== 'report') throw refusal('the only verbs are report and ping');
  for (const name of fields.keys())
    if (name !== 'verb' && name !== 'address' && !Object.hasOwn(TEXTS, name))
      throw refusal('a field that no report has');
  return { verb, report: reportOf(fields) };
}

function reportOf(fields: ReadonlyMap<string, unknown>): Report {
  const text = (name: keyof typeof TEXTS) => textOf(fields.get(name), TEXTS[name], name);
  const requestLine = [text('method'), text('uri')].filter(Boolean).join(' ');
  const [uniqueId, ruleId, message] = [text('id'), text('rule'), text('message')];
  if (ruleId && !/^\d+$/.test(ruleId)) throw refusal('rule is no number');
  return {
    address: hostOf(fields.get('address')),
    ...(requestLine && { requestLine }),
    ...(uniqueId && { uniqueId }),
    ...(ruleId && { ruleId }),
    ...(message && { message }),
  };
}

/** A map, because an object takes `__proto__` for something else than a field. */
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
  if (typeof value !== 'string') throw refusal('address is no text');
  const address = parseTarget(value);
  if (!isHost(address)) throw refusal('address is a prefix');
  return address.text;
}

function textOf(value: unknown, length: number, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw refusal(`${name} is no text`);
  return printable(value, length);
}

const refusal = (reason: string): RiposteError => new RiposteError(EX.DATAERR, reason);
