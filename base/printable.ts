// Control characters (C0, DEL, C1), line and paragraph separators and the bidirectional overrides: they can
// break a line, move a cursor or reorder a text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must find them
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** True when the text contains control characters or any other line break. */
export function hasControls(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text);
}

/** True when printable() would escape a character of the text. */
export const hasUnprintables = (text: string): boolean => text.search(UNPRINTABLE) >= 0;

/** Escapes a text that an attacker may have written, so that it stays on one line, and cuts it at `limit` characters. */
export function printable(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
