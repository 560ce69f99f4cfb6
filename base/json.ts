import { printable } from './printable.ts';

/** Formats a value as JSON for a terminal: also escapes the control characters that JSON leaves as they are. */
export const printableJson = (value: unknown): string =>
  printable(JSON.stringify(value), Number.POSITIVE_INFINITY);
