/**
 * Finds the fields of a piece of a line by their positions. The piece is between two quotes that the format itself
 * writes (or at an end of the line), so no field reaches out of it.
 *
 * A field ends before the next byte that the format writes and that the field cannot hold. The search finds the fields
 * from the left up to the first field that may hold anything, and from the right down to the last such field. If one
 * field is left in the middle, it is the rest of the piece. If several fields are left, their values are known only if
 * the line can be divided in exactly one way. Else they have no value, rather than a guessed one.
 */

/** The bytes that a field may hold: one flag a byte. */
export type Chars = Uint8Array;

export const chars = (test: RegExp): Chars =>
  Uint8Array.from({ length: 256 }, (_, code) => (test.test(String.fromCharCode(code)) ? 1 : 0));

export interface Field {
  readonly chars: Chars;
  /** The width in bytes, if it is always the same. */
  readonly width?: number | undefined;
  /** The index of the field's position in Places; -1 for a field that no record needs. */
  readonly slot: number;
  /** The usual value of a field between two texts: identd's `-`. */
  readonly usual?: string | undefined;
}

/** A part of a format: a literal text, or a field. */
export type Token = string | Field;

/** The positions of the fields of a line. `starts` is -1 for a field whose value is unknown. */
export interface Places {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export const newPlaces = (slots: number): Places => ({
  starts: new Int32Array(slots),
  ends: new Int32Array(slots),
});

const LITERAL = 0;
/** A field of a known width. */
const WIDTH = 1;
/** A field, or a group of tokens, that ends before the next `text`. */
const UNTIL = 2;

interface Step {
  readonly kind: number;
  readonly text: string;
  readonly width: number;
  readonly slot: number;
  readonly group: Segment | undefined;
}

const step = (kind: number, text: string, width: number, slot = -1, group?: Segment): Step => ({
  kind,
  text,
  width,
  slot,
  group,
});

/** A compiled piece of a format. */
export class Segment {
  readonly #forward: readonly Step[];
  readonly #backward: readonly Step[];
  /** The slot of the only field in the middle. */
  readonly #only: number | undefined;
  readonly #ambiguous: Ambiguous | undefined;

  constructor(tokens: readonly Token[]) {
    const rest = merged(tokens);
    this.#forward = takeSteps(rest, true);
    this.#backward = takeSteps(rest, false);
    const [first] = rest;
    if (rest.length === 1 && typeof first === 'object') this.#only = first.slot;
    else if (rest.length > 1) this.#ambiguous = new Ambiguous(rest);
  }

  /** The fields whose ends are not certain. The client's texts beside them decide whether a line shows their values. */
  get ambiguous(): readonly Field[] {
    const groups = [...this.#forward, ...this.#backward].flatMap(({ group }) => group?.ambiguous ?? []);
    return [...groups, ...(this.#ambiguous?.fields ?? [])];
  }

  /** The slots of the fields whose ends are certain from the left, or from the right. */
  certain(isForward: boolean): readonly number[] {
    const steps = isForward ? this.#forward : this.#backward;
    return steps.flatMap(({ slot, group }) => (group ? group.#slots : [slot]));
  }

  get #slots(): readonly number[] {
    const middle = this.#ambiguous?.fields.map(({ slot }) => slot) ?? [];
    return [...this.certain(true), ...middle, this.#only ?? -1, ...this.certain(false)];
  }

  /**
   * @returns false when the line is not as the format says. The time is linear in `to - from`, or in the line's
   * length.
   */
  match(line: string, from: number, to: number, places: Places): boolean {
    let start = from;
    for (const { kind, text, width, slot, group } of this.#forward) {
      const valueStart = start;
      if (kind === LITERAL) {
        if (!line.startsWith(text, start)) return false;
        start += width;
        if (start > to) return false;
        continue;
      }
      start = kind === WIDTH ? start + width : line.indexOf(text, start);
      if (start < 0 || start > to) return false;
      if (group !== undefined) {
        if (!group.match(line, valueStart, start, places)) return false;
      } else place(places, slot, valueStart, start);
    }
    let end = to;
    for (const { kind, text, width, slot, group } of this.#backward) {
      const valueEnd = end;
      if (kind === LITERAL) {
        end -= width;
        if (end < start || !line.startsWith(text, end)) return false;
        continue;
      }
      end = kind === WIDTH ? end - width : end > start ? line.lastIndexOf(text, end - 1) + 1 : 0;
      if (end < start || (kind !== WIDTH && end === 0)) return false;
      if (group !== undefined) {
        if (!group.match(line, end, valueEnd, places)) return false;
      } else place(places, slot, end, valueEnd);
    }
    if (this.#only !== undefined) {
      place(places, this.#only, start, end);
      return true;
    }
    if (this.#ambiguous !== undefined) return this.#ambiguous.match(line, start, end, places);
    return start === end;
  }
}

function place(places: Places, slot: number, start: number, end: number): void {
  if (slot < 0) return;
  places.starts[slot] = start;
  places.ends[slot] = end;
}

/** Joins neighbouring literals, and joins neighbouring texts into one field that no record needs. */
function merged(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (const token of tokens) {
    const last = result.at(-1);
    if (token === '') continue;
    if (typeof token === 'string' && typeof last === 'string') result[result.length - 1] = last + token;
    else if (typeof token === 'object' && typeof last === 'object' && !isApart(last, token))
      result[result.length - 1] = { chars: union([last, token]), slot: -1 };
    else result.push(token);
  }
  return result;
}

/** True if the border between a field and its neighbour can be recognized. */
const isApart = (one: Field, other: Field): boolean => one.width !== undefined || other.width !== undefined;

function union(fields: readonly Field[]): Chars {
  const result = new Uint8Array(256);
  for (const field of fields)
    for (let i = 0; i < 256; i++) result[i] = (result[i] ?? 0) | (field.chars[i] ?? 0);
  return result;
}

/** Removes from one side of the list the tokens whose ends are certain, and returns the steps that find them. */
function takeSteps(tokens: Token[], isForward: boolean): Step[] {
  const steps: Step[] = [];
  const take = (count: number): Token[] =>
    isForward ? tokens.splice(0, count) : tokens.splice(tokens.length - count, count);
  for (;;) {
    const token = isForward ? tokens[0] : tokens.at(-1);
    if (token === undefined) return steps;
    if (typeof token === 'string') {
      steps.push(step(LITERAL, token, token.length));
      take(1);
    } else if (token.width !== undefined) {
      steps.push(step(WIDTH, '', token.width, token.slot));
      take(1);
    } else {
      const stop = stopBehind(tokens, isForward);
      if (stop === undefined) return steps;
      const group = take(stop.tokens);
      const literal = String(take(1)[0]);
      const [inside, outside] = isForward
        ? [literal.slice(0, stop.offset), literal.slice(stop.offset)]
        : [literal.slice(literal.length - stop.offset), literal.slice(0, literal.length - stop.offset)];
      if (group.length === 1 && inside === '') steps.push(step(UNTIL, stop.text, 0, token.slot));
      else {
        const segment = new Segment(isForward ? [...group, inside] : [inside, ...group]);
        steps.push(step(UNTIL, stop.text, 0, -1, segment));
      }
      if (isForward) tokens.unshift(outside);
      else tokens.push(outside);
    }
  }
}

interface Stop {
  /** The number of tokens before the literal. */
  readonly tokens: number;
  /** The number of the literal's bytes before the byte that ends the tokens. */
  readonly offset: number;
  readonly text: string;
}

/** The nearest byte of a literal that none of the fields before the literal can hold. */
function stopBehind(tokens: readonly Token[], isForward: boolean): Stop | undefined {
  const ordered = isForward ? tokens : [...tokens].reverse();
  const held = new Uint8Array(256);
  for (const [index, token] of ordered.entries()) {
    if (typeof token === 'object') {
      for (let i = 0; i < 256; i++) held[i] = (held[i] ?? 0) | (token.chars[i] ?? 0);
      continue;
    }
    for (let offset = 0; offset < token.length; offset++) {
      const text = token.charAt(isForward ? offset : token.length - 1 - offset);
      const code = text.charCodeAt(0);
      if (held[code] === 0) return { tokens: index, offset, text };
      held[code] = 1;
    }
  }
  return undefined;
}

/** The most literals that are tried as dividers of a piece. Formats have fewer. */
const MOST_LITERALS = 4;

/** Several fields whose ends cannot be recognized. */
class Ambiguous {
  readonly fields: readonly Field[];
  readonly #literals: readonly string[];
  readonly #divisions: readonly Division[];

  constructor(tokens: readonly Token[]) {
    this.fields = tokens.filter((token) => typeof token === 'object');
    this.#literals = tokens.filter((token) => typeof token === 'string');
    const usual = merged(
      tokens.map((token, i) =>
        typeof token === 'object' && i > 0 && i < tokens.length - 1 && token.usual !== undefined
          ? token.usual
          : token,
      ),
    );
    const literals = usual.filter((token) => typeof token === 'string');
    const distinct = [...new Set(literals)].sort((a, b) => b.length - a.length).slice(0, MOST_LITERALS);
    this.#divisions = distinct.map((literal) => new Division(usual, literal));
  }

  match(line: string, start: number, end: number, places: Places): boolean {
    let at = start;
    for (const literal of this.#literals) {
      at = line.indexOf(literal, at);
      if (at < 0 || at + literal.length > end) return false;
      at += literal.length;
    }
    for (const division of this.#divisions) if (division.match(line, start, end, places)) return true;
    for (const { slot } of this.fields) place(places, slot, -1, -1);
    return true;
  }
}

/**
 * Divides a piece at a literal of the format. If the literal is in the piece exactly as often as in the format, no text
 * contains it.
 */
class Division {
  #parts: readonly Segment[] | undefined;
  readonly #positions: number[] = [];

  constructor(
    private readonly tokens: readonly Token[],
    private readonly literal: string,
  ) {}

  match(line: string, start: number, end: number, places: Places): boolean {
    // Made only when needed, because a part may itself have divisions.
    this.#parts ??= dividedAt(this.tokens, this.literal).map((tokens) => new Segment(tokens));
    const positions = this.#positions;
    positions.length = 0;
    const last = end - this.literal.length;
    for (let at = line.indexOf(this.literal, start); at >= 0 && at <= last; ) {
      if (positions.push(at) >= this.#parts.length) return false;
      at = line.indexOf(this.literal, at + 1);
    }
    if (positions.length !== this.#parts.length - 1) return false;
    let from = start;
    for (const [index, part] of this.#parts.entries()) {
      const to = positions[index] ?? end;
      if (from > to || !part.match(line, from, to, places)) return false;
      from = to + this.literal.length;
    }
    return true;
  }
}

function dividedAt(tokens: readonly Token[], literal: string): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === literal) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
