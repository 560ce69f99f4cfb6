/** A test for the hour of an event, as minutes since midnight, local time. */
export type HourTest = (minutes: number) => boolean;

const SPAN = /^ *(!?) *(\d{1,2})(?::(\d{2}))? *([ap]m)? *- *(\d{1,2})(?::(\d{2}))? *([ap]m)? *$/i;

/**
 * Reads `<time>`: `9 am - 5:30 pm`, `17:00-08:00`, `!hh:mm - hh:mm`. If the second time is earlier than the first, the
 * span passes midnight; the `!` of such a span is ignored, as in OSSEC.
 *
 * @throws Error for any other text
 */
export function hourTest(text: string): HourTest {
  const span = SPAN.exec(text);
  if (!span) throw new Error(`'${text}' is not a time span`);
  const first = minutesOf(span[2], span[3], span[4], text);
  const second = minutesOf(span[5], span[6], span[7], text);
  if (first > second) return (minutes) => minutes < second || minutes > first;
  const isNegated = span[1] === '!';
  return (minutes) => (minutes >= first && minutes <= second) !== isNegated;
}

function minutesOf(
  hour: string | undefined,
  minute: string | undefined,
  half: string | undefined,
  text: string,
): number {
  const isAfternoon = half?.toLowerCase() === 'pm' && Number(hour) !== 12;
  const hours = Number(hour) + (isAfternoon ? 12 : 0);
  if (hours >= 24) throw new Error(`'${text}' has an hour over 23`);
  return hours * 60 + Number(minute ?? 0);
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * Reads `<weekday>`: names or their first three letters, `weekdays`, `weekends`, separated by commas or spaces. A `!`
 * at the beginning negates the whole list.
 *
 * @returns the days on which the rule applies, Sunday being 0
 * @throws Error for anything else
 */
export function weekdays(text: string): Set<number> {
  const [, mark, names = ''] = /^\s*(!?)\s*(.*)$/s.exec(text) ?? [];
  const named = new Set(
    names
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean)
      .flatMap(daysOf),
  );
  if (named.size === 0) throw new Error(`'${text}' names no day`);
  return mark ? new Set([...DAYS.keys()].filter((day) => !named.has(day))) : named;
}

function daysOf(name: string): number[] {
  if (name === 'weekdays') return [1, 2, 3, 4, 5];
  if (name === 'weekends') return [0, 6];
  const day = DAYS.findIndex((full) => full === name || full.slice(0, 3) === name);
  if (day < 0) throw new Error(`'${name}' is not a day`);
  return [day];
}
