import { withoutQuery } from '../request-path.ts';
import { bytesFromLog, wordFromLog } from './canonical-text.ts';
import { plainText } from './error-text.ts';

/**
 * A message of ModSecurity 2: its action, the reason, and fields, as in
 *
 *   Access denied with code 403 (phase 2). String match "x" at ARGS:a. [file "…"] [line "55"] [id "999005"]
 *   [msg "…"] [data "…"] [severity "CRITICAL"] [tag "…"] [hostname "example.org"] [uri "/a"] [unique_id "…"]
 *
 * The reason may hold a name that a client chose, with raw quotes and brackets (`ARGS_NAMES:a"] [id "1"]`); no
 * value of a field holds a raw quote. So the fields are read backwards from the end while each directly follows
 * another; the full stop after the reason stops the reading.
 */
export interface ModSecurityMessage {
  /** ModSecurity's action and its reason, as plain text. */
  readonly reason: string;
  /** The fields that only ModSecurity can have written, with plain texts: ` [id "999005"] [msg "…"]`. */
  readonly fields: string;
  readonly ids: readonly string[];
  /** Without the query; canonical. */
  readonly uri: string | undefined;
  readonly uniqueId: string | undefined;
}

interface Fields {
  /** In their order, values as in the message. */
  readonly list: readonly (readonly [name: string, value: string])[];
  /** The offset of the space before the first field. */
  readonly start: number;
  readonly end: number;
}

/** ModSecurity 2 cuts a message at this many bytes, and then appends the host, the URI and the unique id. */
const LONGEST = 1023;
const REFERER = ', referer: ';

/**
 * Reads the text after `ModSecurity: ` in Apache's error log, with the `, referer: …` that Apache appends.
 * @param text the bytes that ModSecurity gave to Apache, without Apache's escapes
 * @param isCut true if Apache may have cut off the end of the line
 */
export function messageInErrorLog(text: string, isCut: boolean): ModSecurityMessage {
  const fields = onlyFields(text, isCut);
  if (!fields) return unstructured(text.slice(0, indexOrEnd(text, REFERER)));
  return structured(text, fields);
}

/** Reads a message of ModSecurity 2's audit log, which has neither a host, nor a URI, nor a unique id. */
export function messageInAuditLog(text: string): ModSecurityMessage {
  const fields = fieldsBefore(text, text.length);
  return fields.list.length === 0 ? unstructured(text) : structured(text, fields);
}

function structured(text: string, fields: Fields): ModSecurityMessage {
  const last = lastFields(fields.list);
  const uri = last.find(([name]) => name === 'uri')?.[1];
  const uniqueId = last.find(([name]) => name === 'unique_id')?.[1];
  const ofRule = fields.list.slice(0, fields.list.length - last.length);
  const id = idOf(text, ofRule, fields.start);
  const shown = id === undefined ? last : fields.list;
  const reasonEnd = id === undefined ? fields.end - lengthOf(last) : fields.start;
  return {
    reason: plainText(text.slice(0, reasonEnd)),
    fields: shown.map(fieldText).join(''),
    ids: id === undefined ? [] : [id],
    uri: uri === undefined ? undefined : wordFromLog(withoutQuery(uri)),
    uniqueId: uniqueId === undefined ? undefined : wordFromLog(uniqueId),
  };
}

/** The fields that ModSecurity appends to every message in an error log: the host, the URI, the unique id. */
function lastFields(list: Fields['list']): Fields['list'] {
  let start = list.length;
  if (list[start - 1]?.[0] === 'unique_id') start--;
  if (list[start - 1]?.[0] !== 'uri') return [];
  start--;
  return list.slice(list[start - 1]?.[0] === 'hostname' ? start - 1 : start);
}

const lengthOf = (list: Fields['list']): number =>
  list.reduce((sum, [name, value]) => sum + name.length + value.length + ' [ ""]'.length, 0);

const unstructured = (text: string): ModSecurityMessage => ({
  reason: plainText(text),
  fields: '',
  ids: [],
  uri: undefined,
  uniqueId: undefined,
});

/** ModSecurity escapes as Apache does: `\"`, `\\`, `\n` and `\x1f`; plainText makes the canonical escapes. */
const fieldText = ([name, value]: readonly [string, string]): string =>
  ` [${name} "${plainText(bytesFromLog(value))}"]`;

const RULE_HAS_MATCHED = /^(?:Warning\. |Access (?:denied|allowed|to phase allowed|to request allowed) )/;

/**
 * The id of the rule; undefined unless a rule has matched, the message has one id, the id is the first field (after the
 * rule's file and line), and ModSecurity has not cut the message.
 * @param start where the fields begin
 */
function idOf(text: string, fields: Fields['list'], start: number): string | undefined {
  if (!RULE_HAS_MATCHED.test(text) || start + lengthOf(fields) >= LONGEST) return undefined;
  const [first, second, third] = fields;
  const hasFile = first?.[0] === 'file' && second?.[0] === 'line';
  const id = hasFile ? third : first;
  const isOnly = fields.filter(([name]) => name === 'id').length === 1;
  return isOnly && id?.[0] === 'id' && /^\d{1,12}$/.test(id[1]) ? id[1] : undefined;
}

/**
 * The fields of a message in an error log. The message ends with the line, or where a referer begins. Because the
 * reason and the referer are a client's text, several places may look like the message's end. Then the first of these
 * places counts if no text before its fields is a client's choice (names that clients choose come after a colon);
 * else no place counts.
 */
function onlyFields(text: string, isCut: boolean): Fields | undefined {
  const ends = [text.length];
  for (let at = text.indexOf(`]${REFERER}`); at >= 0; at = text.indexOf(`]${REFERER}`, at + 1))
    ends.push(at + 1);
  const found = ends
    .map((end) => fieldsBefore(text, end))
    .filter(isWhole)
    .sort((a, b) => a.end - b.end);
  const [first] = found;
  if (first === undefined || (found.length === 1 && !isCut)) return first;
  return /[:[]/.test(text.slice(0, first.start)) ? undefined : first;
}

/** True if the fields end as ModSecurity ends every message: with the URI, and with the unique id if there is one. */
const isWhole = ({ list }: Fields): boolean => lastFields(list).length > 0;

/** The fields that end at this offset. */
function fieldsBefore(text: string, end: number): Fields {
  const list: (readonly [string, string])[] = [];
  let start = end;
  while (text.endsWith('"]', start) && !isEscaped(text, start - 2)) {
    let open = text.lastIndexOf('"', start - 3);
    while (open > 0 && isEscaped(text, open)) open = text.lastIndexOf('"', open - 1);
    const bracket = nameStart(text, open - 1) - 1;
    if (open <= 0 || bracket < 1 || text[bracket] !== '[' || text[bracket - 1] !== ' ') break;
    list.push([text.slice(bracket + 1, open - 1), text.slice(open + 1, start - 2)]);
    start = bracket - 1;
  }
  return { list: list.reverse(), start, end };
}

/** The start of the name that ends before a space; 0 when there is none. */
function nameStart(text: string, space: number): number {
  if (text[space] !== ' ') return 0;
  let at = space;
  while (at > 0 && space - at < LONGEST_NAME && /[a-z_]/.test(text[at - 1] ?? '')) at--;
  return at === space ? 0 : at;
}

const LONGEST_NAME = 20;

/** True if an odd number of backslashes comes before this offset. */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

function indexOrEnd(text: string, part: string): number {
  const at = text.indexOf(part);
  return at < 0 ? text.length : at;
}
