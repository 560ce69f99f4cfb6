// Control characters (C0, DEL, C1), line and paragraph separators and the bidirectional overrides: what can
// break a line, move a cursor or show a text in another order than it has.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what it is for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** True when the text can be put on a line of a log as it is. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) === -1;
}

/** The text on one line, whatever an attacker put into it: escaped, and cut after `limit` characters. */
export function printable(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
