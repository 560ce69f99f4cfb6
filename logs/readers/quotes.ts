const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The offset where a quoted text ends: the next `"` that no backslash escapes. Apache and nginx write no raw `"` inside
 * a text.
 * @param from after the opening quote @returns -1 when it does not end
 */
export function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    if (line.charCodeAt(at - 1) !== BACKSLASH || at === from) return at;
    let slashes = 1;
    while (at - 1 - slashes >= from && line.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

export const isQuote = (line: string, at: number): boolean => line.charCodeAt(at) === QUOTE;
