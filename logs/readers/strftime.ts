import { MONTHS, timeOf, zoneOffset } from './log-time.ts';
import { type Chars, chars } from './segment.ts';

/** The parts of a time that a text of strftime contains. */
export interface TimeParts {
  year?: number;
  /** From 0. */
  month?: number;
  day?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  isAfternoon?: boolean;
  /** Seconds east of Greenwich. */
  zone?: number;
  /** Seconds since 1970. */
  epoch?: number;
}

/** A compiled format of strftime. */
export interface TimePattern {
  readonly chars: Chars;
  /** In bytes, if it is always the same. */
  readonly width: number | undefined;
  /** @returns false when the text is not in this format */
  read(text: string, parts: TimeParts): boolean;
}

interface Conversion {
  readonly pattern: string;
  /** In bytes, if it is always the same. */
  readonly width?: number;
  set?(parts: TimeParts, text: string): void;
}

const DIGITS = (count: number, set?: (parts: TimeParts, value: number) => void): Conversion => ({
  pattern: `\\d{${count}}`,
  width: count,
  set: (parts, text) => set?.(parts, Number(text)),
});

/** Two digits, the first of which may be a space. */
const PADDED = (set: (parts: TimeParts, value: number) => void): Conversion => ({
  pattern: '[ \\d]\\d',
  width: 2,
  set: (parts, text) => set(parts, Number(text)),
});

const MONTH: Conversion = {
  pattern: MONTHS.join('|'),
  width: 3,
  set: (parts, text) => {
    parts.month = MONTHS.indexOf(text);
  },
};
const LONG_MONTHS = 'January|February|March|April|May|June|July|August|September|October|November|December';
const setHours = (parts: TimeParts, value: number): void => {
  parts.hours = value;
};
const setDay = (parts: TimeParts, value: number): void => {
  parts.day = value;
};

/** Apache sets no locale for times: names are English. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  Y: DIGITS(4, (parts, value) => {
    parts.year = value;
  }),
  y: DIGITS(2, (parts, value) => {
    parts.year = value + (value < 69 ? 2000 : 1900);
  }),
  m: DIGITS(2, (parts, value) => {
    parts.month = value - 1;
  }),
  b: MONTH,
  h: MONTH,
  B: {
    pattern: LONG_MONTHS,
    set: (parts, text) => {
      parts.month = LONG_MONTHS.split('|').indexOf(text);
    },
  },
  d: DIGITS(2, setDay),
  e: PADDED(setDay),
  H: DIGITS(2, setHours),
  k: PADDED(setHours),
  I: DIGITS(2, setHours),
  l: PADDED(setHours),
  p: {
    pattern: '[AP]M',
    width: 2,
    set: (parts, text) => {
      parts.isAfternoon = text === 'PM';
    },
  },
  M: DIGITS(2, (parts, value) => {
    parts.minutes = value;
  }),
  S: DIGITS(2, (parts, value) => {
    parts.seconds = value;
  }),
  z: {
    pattern: '[-+]\\d{4}',
    width: 5,
    set: (parts, text) => {
      parts.zone = zoneOffset(text);
    },
  },
  Z: {
    pattern: '[A-Za-z0-9+-]{1,8}',
    set: (parts, text) => {
      parts.zone ??= zoneOffset(text);
    },
  },
  s: {
    pattern: '\\d{9,11}',
    set: (parts, text) => {
      parts.epoch = Number(text);
    },
  },
  a: { pattern: '[A-Z][a-z]{2}', width: 3 },
  A: { pattern: '[A-Z][a-z]{5,8}' },
  j: DIGITS(3),
  u: DIGITS(1),
  w: DIGITS(1),
  U: DIGITS(2),
  W: DIGITS(2),
  V: DIGITS(2),
  G: DIGITS(4),
  C: DIGITS(2),
};

const COMPOSED: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  F: '%Y-%m-%d',
  c: '%a %b %e %H:%M:%S %Y',
  n: '\n',
  t: '\t',
  '%': '%%',
};

/** @returns undefined for a format with a conversion that is not known */
export function timePattern(format: string): TimePattern | undefined {
  const expanded = format.replace(/%[EO]?([a-zA-Z%])/g, (all, letter: string) => COMPOSED[letter] ?? all);
  const sets: NonNullable<Conversion['set']>[] = [];
  let held = '';
  let width: number | undefined = 0;
  let source = '';
  for (const [piece] of expanded.matchAll(/%[EO]?[a-zA-Z%]|[^%]+|%/g)) {
    const isConversion = piece.startsWith('%') && piece !== '%%';
    const conversion = isConversion ? CONVERSIONS[piece.slice(-1)] : undefined;
    if (isConversion && conversion === undefined) return undefined;
    const literal = piece === '%%' ? '%' : piece;
    source += conversion ? `(${conversion.pattern})` : escaped(literal);
    held += conversion ? (conversion.pattern.includes(' ') ? ' ' : '') : literal;
    if (conversion) sets.push(conversion.set ?? (() => undefined));
    const size: number | undefined = conversion ? conversion.width : literal.length;
    width = width === undefined || size === undefined ? undefined : width + size;
  }
  // No alternative of a conversion begins as another one ends: such an expression does not backtrack far.
  const whole = new RegExp(`^${source}$`);
  return {
    width,
    chars: chars(new RegExp(`[A-Za-z0-9+\\-${held.replace(/[\\\]^-]/g, '\\$&')}]`)),
    read(text, parts) {
      if (text.length > LONGEST) return false;
      const found = whole.exec(text);
      for (const [index, set] of sets.entries()) set(parts, found?.[index + 1] ?? '');
      return found !== null;
    },
  };
}

/** The longest text of a time, in bytes. */
const LONGEST = 200;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** @returns seconds since 1970; undefined when parts are missing */
export function timeOfParts(parts: TimeParts): number | undefined {
  const { epoch, year, month, day, hours, minutes, isAfternoon } = parts;
  if (epoch !== undefined) return epoch;
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hours === undefined || minutes === undefined) return undefined;
  const hour = isAfternoon === undefined ? hours : (hours % 12) + (isAfternoon ? 12 : 0);
  return timeOf([year, month, day, hour, minutes, parts.seconds ?? 0], parts.zone ?? 'local');
}
