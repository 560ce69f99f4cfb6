/** The addresses in a map's text. */
export function parseMap(text: string): string[] {
  return text.split('\n').flatMap((line) => /^([0-9a-f.:/]+) deny\s*$/.exec(line)?.[1] ?? []);
}

/** The addresses that have no line. For a single address a search is cheaper than parsing all lines. */
export function withoutLine(text: Buffer, addresses: readonly string[]): string[] {
  const [only = ''] = addresses;
  if (addresses.length === 1) return linesOf(text, only).length > 0 ? [] : [only];
  const found = new Set(parseMap(text.toString('latin1')));
  return addresses.filter((address) => !found.has(address));
}

/** Returns the offsets of the lines of many addresses, as linesOf does for one. */
export function linesOfAll(text: Buffer, addresses: ReadonlySet<string>): number[] {
  const lines = text.toString('latin1').matchAll(/^([0-9a-f.:/]+) deny\s*$/gm);
  return [...lines].flatMap(({ index, 1: address = '' }) => (addresses.has(address) ? index : []));
}

/** True when the file is empty or begins as a map does: with a comment, or a key and its value. */
export function isMap(text: Buffer): boolean {
  const [first = ''] = text.toString('latin1', 0, 500).trimStart().split('\n');
  return first === '' || /^(#|[0-9a-f.:/]+\s+\S+\s*$)/i.test(first);
}

/** The offsets of an address's lines, in bytes. */
export function linesOf(text: Buffer, address: string): number[] {
  const entry = Buffer.from(`${address} deny`);
  const found: number[] = [];
  for (let at = text.indexOf(entry); at !== -1; at = text.indexOf(entry, at + 1)) {
    const startsLine = at === 0 || text[at - 1] === 0x0a;
    // Apache and HAProxy end a value at white space, and accept a last line without a newline.
    if (startsLine && (text[at + entry.length] ?? 0x0a) <= 0x20) found.push(at);
  }
  return found;
}

/** An entry that was commented out by overwriting its first byte with `#`; comments written by a person differ. */
export const DEAD_LINE = /^#[0-9a-f.:/]+ deny\s*$/;
