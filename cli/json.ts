import { printable } from '../active-response/printable.ts';

/** A value as JSON that a terminal may be shown: what JSON leaves as it is of control characters is escaped. */
export const printableJson = (value: unknown): string =>
  printable(JSON.stringify(value), Number.POSITIVE_INFINITY);
