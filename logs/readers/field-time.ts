import { AccessTime, epochTime, isoTime } from './log-time.ts';
import { type TimeParts, type TimePattern, timeOfParts } from './strftime.ts';

/** The form in which a field has a time. */
export type FieldTime =
  /** `20/Nov/2026:09:00:00 +0000` */
  | { readonly kind: 'clf' }
  | { readonly kind: 'iso' }
  /** Seconds, milliseconds or microseconds since 1970. */
  | { readonly kind: 'epoch' }
  /** A part of a time: the other fields of this kind have the rest. */
  | { readonly kind: 'parts'; readonly pattern: TimePattern };

/**
 * @param fields the fields of one line, all of one kind; if several fields have a whole time, the first field counts
 * @returns a function that takes the texts of the fields and returns seconds since 1970, or undefined when a text is
 * not in its field's format
 */
export function timeReader(fields: readonly FieldTime[]): (texts: readonly string[]) => number | undefined {
  const [first] = fields;
  if (first?.kind === 'iso') return ([text = '']) => isoTime(text);
  if (first?.kind === 'epoch') return ([text = '']) => epochTime(text);
  if (first?.kind === 'parts') return (texts) => timeOfTexts(fields, texts);
  const time = new AccessTime();
  return ([text = '']) => time.read(text);
}

function timeOfTexts(fields: readonly FieldTime[], texts: readonly string[]): number | undefined {
  const parts: TimeParts = {};
  for (const [index, field] of fields.entries())
    if (field.kind !== 'parts' || !field.pattern.read(texts[index] ?? '', parts)) return undefined;
  return timeOfParts(parts);
}
