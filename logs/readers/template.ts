import { EX, RiposteError } from '../../base/errors.ts';
import { type Client, clientOf, type HeaderKind } from '../proxies/client-of.ts';
import { bytesFromLog, textFromLog, wordFromLog } from './canonical-text.ts';
import { type FieldTime, timeReader } from './field-time.ts';
import { closingQuote } from './quotes.ts';
import {
  type AccessRecord,
  type LineReader,
  type LogFormat,
  NOTHING,
  type ReaderOptions,
  type Reading,
  unreadable,
} from './reading.ts';
import { NO_VERSION, type RequestLine, requestLine } from './request-line.ts';
import { type Chars, chars, type Field, newPlaces, type Places, Segment, type Token } from './segment.ts';

/**
 * Formats that an administrator has written: Apache's LogFormat, nginx's log_format. They are compiled to literals
 * and fields, and a line is read only if it is as the format says, from its first byte to its last.
 *
 * Apache and nginx escape `"`, `\` and control characters in all texts of a client. So the quotes that the format
 * itself writes divide a line into pieces, and no text reaches out of its piece; see Segment for the rest.
 */
export interface TemplateField {
  /** As the format has it: `%{Referer}i`, `$http_referer`. */
  readonly directive: string;
  readonly chars: Chars;
  /** In bytes, if it is always the same. */
  readonly width?: number | undefined;
  readonly role?: Role | undefined;
  /** If several fields have one role, the field with the lowest rank is used. */
  readonly rank?: number | undefined;
  /** The kind of the header, for a header in which a proxy names its client. */
  readonly header?: HeaderRole | undefined;
  /** True for a text that a client writes; only some servers ensure that it is one word. */
  readonly isSoft?: boolean | undefined;
  /** True if a server writes the text as the client sent it, without escaping quotes. */
  readonly isRaw?: boolean | undefined;
  /** True if a server writes `""` for an empty value, although the format has no quotes there. */
  readonly isQuotedWhenEmpty?: boolean | undefined;
  /** The value that servers nearly always write. */
  readonly usual?: string | undefined;
  readonly time?: FieldTime | undefined;
}

export type Role =
  | 'client'
  | 'header'
  | 'user'
  | 'request'
  | 'method'
  /** A path with its query. */
  | 'target'
  /** A site's name and a target without anything between them. */
  | 'siteAndTarget'
  | 'path'
  /** Empty, or a `?` and arguments. */
  | 'query'
  /** Arguments without a `?`. */
  | 'args'
  | 'version'
  | 'status'
  | 'size'
  | 'referer'
  | 'userAgent'
  | 'host'
  | 'uniqueId'
  | 'time';

/** `appended`: nginx's $proxy_add_x_forwarded_for, whose last element is the peer. */
export type HeaderRole = HeaderKind | 'appended';

export type TemplateToken = string | TemplateField;

/** Any character of an escaped text, which holds no control characters. */
export const ANY_TEXT = chars(/[ -\xff]/);
export const WORD = chars(/[!-~]/);
export const NUMBER = chars(/[0-9.-]/);
export const ADDRESS = chars(/[0-9A-Za-z.:_%-]/);
const ANYTHING = chars(/[\s\S]/);

export interface TemplateOptions {
  /** For messages: `LogFormat` or `log_format`. */
  readonly setting: string;
  /** For messages: the directive of the client's address. */
  readonly address: string;
  /** True if more text may follow the format. */
  readonly hasTail?: boolean | undefined;
  readonly isToldBy?: ((line: string) => boolean) | undefined;
}

/** @throws RiposteError (CONFIG) for a format that does not say safely which address is the client's */
export function templateFormat(
  name: string,
  tokens: readonly TemplateToken[],
  options: TemplateOptions,
): LogFormat {
  const template = compile(name, tokens, options);
  return {
    name,
    holds: 'access',
    newReader: (readerOptions) => new TemplateReader(template, readerOptions),
    isToldBy: options.isToldBy ?? (() => false),
  };
}

/** A field that has a place in Places. */
interface Slot extends Field {
  readonly field: TemplateField;
}

/** One form that a line may have. */
interface Plan {
  readonly segments: readonly Segment[];
  /** True if the last segment extends to the end of the line, quotes included. */
  readonly isOpen: boolean;
  readonly tokens: readonly string[];
}

interface Template {
  readonly plan: Plan;
  /** For lines with an empty user name. */
  readonly planForEmpty: Plan | undefined;
  readonly slots: number;
  readonly hasTail: boolean;
  readonly client: number;
  readonly header: number;
  readonly headerRole: HeaderRole | undefined;
  /** True if not every line shows where the header begins and ends, because of other texts beside it. */
  readonly isHeaderAmbiguous: boolean;
  readonly isClientAmbiguous: boolean;
  readonly places: Readonly<Record<Exclude<Role, 'client' | 'header' | 'time'>, number>>;
  readonly times: readonly number[];
  readonly timeFields: readonly FieldTime[];
}

function compile(name: string, tokens: readonly TemplateToken[], options: TemplateOptions): Template {
  const refuse = (reason: string): never => {
    throw new RiposteError(EX.CONFIG, `log format '${name}': ${reason}`);
  };
  for (const token of tokens) {
    if (typeof token !== 'string') continue;
    if (/[\r\n]/.test(token)) refuse('it has a line break; write one line for a request');
    if (token.includes('\\'))
      refuse('it has a backslash outside a field, so quotes cannot be recognized; remove it');
  }
  const fields = joined(tokens);
  const slots: Slot[] = [];
  const pieces = piecesOf(fields);
  const isOpen = pieces.some((piece) => piece.some((token) => typeof token === 'object' && token.isRaw));
  const plan = planOf(pieces, slots, isOpen || options.hasTail === true);
  const quoted = fields.map((token) => (typeof token === 'object' && token.isQuotedWhenEmpty ? '""' : token));
  const hasEmpty = quoted.some((token, i) => token !== fields[i]);
  const planForEmpty = hasEmpty
    ? planOf(piecesOf(quoted), slots, isOpen || options.hasTail === true)
    : undefined;

  const ambiguous = new Set(plan.segments.flatMap((segment) => segment.ambiguous.map(({ slot }) => slot)));
  const find = (role: Role): number => best(slots, role, ambiguous);
  const client = find('client');
  const header = find('header');
  const problem = problemOf({ fields, pieces, slots, ambiguous, client, header, options });
  if (problem) refuse(problem);
  const time = slots.find(({ field }) => field.role === 'time')?.field.time?.kind;
  const times = slots.filter(({ field }) => field.role === 'time' && field.time?.kind === time);
  return {
    plan,
    planForEmpty,
    slots: slots.length,
    hasTail: options.hasTail === true,
    client,
    header,
    headerRole: slots[header]?.field.header,
    isHeaderAmbiguous: ambiguous.has(header),
    isClientAmbiguous: ambiguous.has(client),
    places: {
      user: find('user'),
      request: find('request'),
      method: find('method'),
      target: find('target'),
      siteAndTarget: find('siteAndTarget'),
      path: find('path'),
      query: find('query'),
      args: find('args'),
      version: find('version'),
      status: find('status'),
      size: find('size'),
      referer: find('referer'),
      userAgent: find('userAgent'),
      host: find('host'),
      uniqueId: find('uniqueId'),
    },
    times: times.map(({ slot }) => slot),
    timeFields: times.flatMap(({ field }) => field.time ?? []),
  };
}

/** Neighbouring fields that make one text: a path and its query, a site and its target. */
function joined(tokens: readonly TemplateToken[]): TemplateToken[] {
  const result: TemplateToken[] = [];
  for (const token of tokens) {
    const last = result.at(-1);
    const one = typeof last === 'object' && typeof token === 'object' ? joinedField(last, token) : undefined;
    if (one) result[result.length - 1] = one;
    else result.push(token);
  }
  return result;
}

function joinedField(one: TemplateField, other: TemplateField): TemplateField | undefined {
  const directive = one.directive + other.directive;
  if (one.role === 'path' && (other.role === 'query' || other.directive === '$is_args'))
    return { directive, chars: ANY_TEXT, role: 'target' };
  if (one.role === 'target' && one.directive.endsWith('$is_args') && other.role === 'args')
    return { directive, chars: ANY_TEXT, role: 'target' };
  if (one.role === 'host' && other.role === 'target')
    return { directive, chars: ANY_TEXT, role: 'siteAndTarget' };
  return undefined;
}

/** Divides a format at its quotes. */
function piecesOf(tokens: readonly TemplateToken[]): TemplateToken[][] {
  const pieces: TemplateToken[][] = [[]];
  for (const token of tokens) {
    if (typeof token === 'object') {
      pieces.at(-1)?.push(token);
      continue;
    }
    for (const [index, text] of token.split('"').entries()) {
      if (index > 0) pieces.push([]);
      if (text !== '') pieces.at(-1)?.push(text);
    }
  }
  return pieces;
}

/** @param slots gets a slot for each field that a record may need */
function planOf(pieces: readonly TemplateToken[][], slots: Slot[], isOpen: boolean): Plan {
  const segments: Segment[] = [];
  for (const piece of pieces) {
    const raw = piece.findIndex((token) => typeof token === 'object' && token.isRaw);
    const used = raw < 0 ? piece : piece.slice(0, raw);
    segments.push(segmentOf(used, raw >= 0, slots));
    if (raw >= 0) break;
  }
  return { segments, isOpen, tokens: pieces.map(textOf) };
}

/** @param isOpen whether any text may follow the tokens */
function segmentOf(tokens: readonly TemplateToken[], isOpen: boolean, slots: Slot[]): Segment {
  const compiled = (isWord: (index: number) => boolean): Segment => {
    const fields: Token[] = tokens.map((token, index) => {
      if (typeof token === 'string') return token;
      const slot = token.role === undefined ? -1 : slotOf(slots, token);
      return { ...token, chars: token.isSoft && !isWord(index) ? ANYTHING : token.chars, slot };
    });
    return new Segment(isOpen ? [...fields, { chars: ANYTHING, slot: -1 }] : fields);
  };
  const addresses = tokens.flatMap((token, i) =>
    typeof token === 'object' && isAddressing(token) ? [i] : [],
  );
  const [first] = addresses;
  const last = addresses.at(-1);
  if (first === undefined || last === undefined) return compiled(() => true);
  // If the ends of all addresses are certain from one end of the piece, take each soft field beyond the addresses as
  // one word. Even if such a field holds several words, the same addresses are found.
  const strict = compiled(() => false);
  const isCertain = (isForward: boolean): boolean => {
    const certain = strict.certain(isForward);
    return addresses.every((i) =>
      slots.some(({ field, slot }) => field === tokens[i] && certain.includes(slot)),
    );
  };
  if (isCertain(true)) return compiled((index) => index > last);
  return isCertain(false) ? compiled((index) => index < first) : strict;
}

const isAddressing = ({ role }: TemplateField): boolean => role === 'client' || role === 'header';

function slotOf(slots: Slot[], field: TemplateField): number {
  const known = slots.find((slot) => slot.field === field);
  if (known) return known.slot;
  const slot = slots.length;
  slots.push({ field, slot, chars: field.chars });
  return slot;
}

const textOf = (tokens: readonly TemplateToken[]): string =>
  tokens.map((token) => (typeof token === 'string' ? token : token.directive)).join('');

/** The slot of the field that has a role; -1 when none has. */
function best(slots: readonly Slot[], role: Role, ambiguous: ReadonlySet<number>): number {
  const able = slots.filter(({ field }) => field.role === role);
  const rank = ({ field }: Slot): number => field.rank ?? 0;
  const lowest = Math.min(...able.map((slot) => Math.floor(rank(slot))));
  // All fields of one rank hold the same value, so prefer a field whose ends are certain.
  const same = able.filter((slot) => Math.floor(rank(slot)) === lowest).sort((a, b) => rank(a) - rank(b));
  return (same.find(({ slot }) => !ambiguous.has(slot)) ?? same[0])?.slot ?? -1;
}

interface Compiled {
  readonly fields: readonly TemplateToken[];
  readonly pieces: readonly TemplateToken[][];
  readonly slots: readonly Slot[];
  readonly ambiguous: ReadonlySet<number>;
  readonly client: number;
  readonly header: number;
  readonly options: TemplateOptions;
}

/** @returns the reason why a format is refused, and the text to write instead */
function problemOf({
  fields,
  pieces,
  slots,
  ambiguous,
  client,
  header,
  options,
}: Compiled): string | undefined {
  const { setting, address } = options;
  const has = fields.find((token) => typeof token === 'object' && isAddressing(token));
  if (client < 0 && header < 0 && has === undefined)
    return `it lacks the client's address; write ${address} in front of its ${setting}`;
  if (client < 0 && header < 0)
    return (
      `in its ${setting} the client's address follows a text that the server writes with raw quotes; ` +
      `write ${address} in front`
    );
  for (const slot of [client, header]) {
    const { field } = slots[slot] ?? {};
    if (field === undefined) continue;
    const piece = pieces.find((tokens) => tokens.includes(field)) ?? [];
    const at = piece.indexOf(field);
    const beside = [piece[at - 1], piece[at + 1]].find((token) => typeof token === 'object');
    if (typeof beside === 'object')
      return `nothing divides ${field.directive} from ${beside.directive}; write a space between them`;
    if (!ambiguous.has(slot)) continue;
    // If the header cannot be told from other texts, the peer's address is still certain.
    if (slot === header && client >= 0 && !ambiguous.has(client)) continue;
    const others = piece.filter(
      (token): token is TemplateField =>
        typeof token === 'object' && token !== field && isUnbounded(token) && !isAddressing(token),
    );
    if (others.every(({ role }) => role === 'user')) continue;
    const names = others.map(({ directive }) => directive).join(' and ');
    return (
      `in its ${setting} ${field.directive} is next to ${names}, which a client may fill with another address; ` +
      `write ${address} in front, or put ${names} between quotes`
    );
  }
  return undefined;
}

const isUnbounded = (field: TemplateField): boolean => field.chars === ANY_TEXT || field.isSoft === true;

/** Stands for a header whose value is unknown: clientOf() finds no address in this text. */
const UNKNOWN_HEADER = '?';

class TemplateReader implements LineReader {
  readonly #places: Places;
  readonly #time: (texts: readonly string[]) => number | undefined;
  readonly #quotes: number[] = [];

  constructor(
    private readonly template: Template,
    private readonly options: ReaderOptions,
  ) {
    this.#places = newPlaces(template.slots);
    this.#time = timeReader(template.timeFields);
  }

  read(line: string): Reading {
    const { template } = this;
    const reason = this.#match(line);
    if (reason !== undefined) return unreadable(reason);
    const { places } = template;
    const status = this.#text(line, places.status) ?? '-';
    if (!isStatus(status)) return unreadable('has no status where the format has one');
    const size = this.#text(line, places.size) ?? '-';
    if (!isSize(size)) return unreadable('has no size where the format has one');
    const time = this.#timeOf(line);
    if (time === null) return unreadable('has no time where the format has one');
    const request = this.#request(line);
    if (request === undefined) return NOTHING;
    const word = this.#text(line, template.client);
    if (word !== undefined && !isAddressOrName(word))
      return unreadable('has no address where the format has one');
    const client = this.#client(line, word);
    const host = this.#text(line, places.host);
    const uniqueId = this.#text(line, places.uniqueId);
    const record: AccessRecord = {
      kind: 'access',
      time,
      client: client.address,
      noClient: client.address === undefined ? client.reason : undefined,
      user: filled(wordFromLog(this.#text(line, places.user) ?? '-')),
      method: request.method,
      target: request.target,
      version: request.version,
      // nginx writes 000 where it has sent no answer.
      status: status === '000' ? '-' : filled(status),
      size: filled(size),
      referer: filled(textFromLog(this.#text(line, places.referer) ?? '-')),
      userAgent: filled(textFromLog(this.#text(line, places.userAgent) ?? '-')),
      host: host === undefined || host === '' || host === '-' ? undefined : wordFromLog(host),
      uniqueId:
        uniqueId === undefined || uniqueId === '' || uniqueId === '-' ? undefined : wordFromLog(uniqueId),
    };
    return record;
  }

  /** Finds the fields. @returns the reason why the line is not in the format */
  #match(line: string): string | undefined {
    const { plan, planForEmpty } = this.template;
    if (planForEmpty === undefined) return this.#matchPlan(line, plan);
    // Only an empty user adds two quotes to a line.
    const reason = this.#matchPlan(line, plan);
    if (reason === undefined) return undefined;
    return this.#matchPlan(line, planForEmpty) === undefined ? undefined : reason;
  }

  #matchPlan(line: string, { segments, isOpen, tokens }: Plan): string | undefined {
    const quotes = this.#quotes;
    const last = segments.length - 1;
    let from = 0;
    for (let i = 0; i < last; i++) {
      const quote = closingQuote(line, from);
      if (quote < 0) return 'has fewer quotes than the format';
      quotes[i] = quote;
      from = quote + 1;
    }
    const { hasTail } = this.template;
    if (!isOpen && closingQuote(line, from) >= 0) return 'has more quotes than the format';
    if (hasTail && from < line.length && line.charCodeAt(from) !== SPACE)
      return 'has no space after the text that the format describes';
    this.#places.starts.fill(-1);
    from = 0;
    for (let i = 0; i <= last; i++) {
      const to = i < last ? (quotes[i] ?? -1) : hasTail ? from : line.length;
      if (segments[i]?.match(line, from, to, this.#places) !== true)
        return tokens[i] ? `is not in the format at '${tokens[i]}'` : 'has a text where the format has none';
      from = to + 1;
    }
    return undefined;
  }

  #text(line: string, slot: number): string | undefined {
    const start = slot < 0 ? -1 : (this.#places.starts[slot] ?? -1);
    return start < 0 ? undefined : line.slice(start, this.#places.ends[slot]);
  }

  /** @returns null when a time is not as the format says */
  #timeOf(line: string): number | undefined | null {
    const { times } = this.template;
    if (times.length === 0) return undefined;
    const texts = times.map((slot) => this.#text(line, slot) ?? '-');
    if (texts.includes('-')) return undefined;
    return this.#time(texts) ?? null;
  }

  /** @returns undefined for a connection that was not used */
  #request(line: string): RequestLine | undefined {
    const { places } = this.template;
    const whole = this.#text(line, places.request);
    if (whole !== undefined) return requestLine(whole);
    const method = wordFromLog(this.#text(line, places.method) ?? '-');
    const target = this.#target(line);
    const hasParts = places.method >= 0 || places.target >= 0 || places.path >= 0;
    if (hasParts && isEmpty(method) && target === '' && this.#isKnown(places.target, places.path))
      return undefined;
    const version = wordFromLog(this.#text(line, places.version) ?? '-');
    return {
      method: filled(method),
      target: filled(wordFromLog(target)),
      version: isEmpty(version) ? NO_VERSION : version,
    };
  }

  #isKnown(...slots: readonly number[]): boolean {
    return slots.every((slot) => slot < 0 || (this.#places.starts[slot] ?? -1) >= 0);
  }

  #target(line: string): string {
    const { places } = this.template;
    const whole = this.#text(line, places.target);
    if (whole !== undefined) return whole === '-' ? '' : whole;
    const withSite = this.#text(line, places.siteAndTarget);
    // No name of a site holds a slash.
    if (withSite !== undefined) return withSite.slice(Math.max(0, withSite.indexOf('/')));
    const path = this.#text(line, places.path) ?? '-';
    const query = this.#text(line, places.query) ?? '-';
    const args = this.#text(line, places.args) ?? '-';
    if (isEmpty(path)) return '';
    return path + (isEmpty(query) ? (isEmpty(args) ? '' : `?${args}`) : query);
  }

  /** @param word the word in the place of the client's address */
  #client(line: string, word: string | undefined): Client {
    const { client, header, headerRole, isHeaderAmbiguous, isClientAmbiguous } = this.template;
    const { policy } = this.options;
    if (header < 0) return clientOf(peerOf(word), undefined, undefined, policy);
    const text = this.#text(line, header);
    const isList = text !== undefined && (!isHeaderAmbiguous || isOneList(text));
    // If a server writes an unusual word before the user, neither the address nor the header is at its expected
    // position.
    const isUnknown = client >= 0 && (word === undefined || (isClientAmbiguous && !isList));
    if (isUnknown) return { address: undefined, reason: CANNOT_TELL };
    let peer = word;
    let list = isList ? bytesFromLog(text) : UNKNOWN_HEADER;
    if (headerRole === 'appended' && isList) {
      const comma = list.lastIndexOf(',');
      peer ??= list.slice(comma + 1).trimStart();
      list = comma < 0 ? '-' : list.slice(0, comma);
    }
    const kind = headerRole === 'appended' ? 'x-forwarded-for' : headerRole;
    const found = clientOf(peerOf(peer), list, kind, policy);
    return found.address === undefined && !isList ? { address: undefined, reason: CANNOT_TELL } : found;
  }
}

/** A connection through a Unix socket has no address: a proxy on this host has made it. */
const peerOf = (word: string | undefined): string | undefined =>
  word?.startsWith('unix:') ? undefined : word;

const CANNOT_TELL = 'has an address that cannot be told from the texts beside it';
const SPACE = 32;

/** True if a text is one list: each of its spaces follows a comma or a space. */
function isOneList(text: string): boolean {
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before !== COMMA && before !== SPACE) return false;
  }
  return !text.startsWith(' ');
}

const COMMA = 44;

/**
 * True if a server may have written the word as the client's address: an address, the name of a host, `unix:`, or
 * `-`.
 */
function isAddressOrName(word: string): boolean {
  for (let i = 0; i < word.length; i++) if (ADDRESS[word.charCodeAt(i)] !== 1) return false;
  return word !== '';
}

const isEmpty = (text: string): boolean => text === '' || text === '-';
const filled = (text: string): string => (text === '' ? '-' : text);

/** Three digits, `-`, or nothing. */
function isStatus(text: string): boolean {
  if (text.length !== 3) return isEmpty(text);
  return isDigits(text);
}

const isSize = (text: string): boolean => isEmpty(text) || (text.length <= 20 && isDigits(text));

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
