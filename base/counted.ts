/**
 * Writes a number with its noun: `1 entry`, `2 entries`.
 *
 * @param more the plural, by default with an s
 */
export const counted = (count: number, one: string, more = `${one}s`): string =>
  `${count} ${count === 1 ? one : more}`;
