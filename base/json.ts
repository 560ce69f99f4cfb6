import { printable } from './printable.ts';

/** Formats a value as JSON for a terminal: also escapes the control characters that JSON leaves as they are. */
export const printableJson = (value: unknown): string =>
  printable(JSON.stringify(value), Number.POSITIVE_INFINITY);

/** The value of a JSON text; undefined for any other text. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The object of a JSON text; undefined for any other value or text. */
export function jsonObjectIn(text: string): Record<string, unknown> | undefined {
  const value = jsonIn(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
