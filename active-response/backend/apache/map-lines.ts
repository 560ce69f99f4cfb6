/** The addresses in a map's text. */
export function parseMap(text: string): string[] {
  return text.split('\n').flatMap((line) => /^([0-9a-f.:]+) deny\s*$/.exec(line)?.[1] ?? []);
}

/** Those of the addresses that have no line. To look for one costs less than to read all the lines. */
export function withoutLine(text: Buffer, addresses: readonly string[]): string[] {
  const [only = ''] = addresses;
  if (addresses.length === 1) return linesOf(text, only).length > 0 ? [] : [only];
  const found = new Set(parseMap(text.toString('latin1')));
  return addresses.filter((address) => !found.has(address));
}

/** The same as linesOf for many addresses. */
export function linesOfAll(text: Buffer, addresses: ReadonlySet<string>): number[] {
  const lines = text.toString('latin1').matchAll(/^([0-9a-f.:]+) deny\s*$/gm);
  return [...lines].flatMap(({ index, 1: address = '' }) => (addresses.has(address) ? index : []));
}

/** True when the file begins as a map does, with a comment or a key and its value, or is empty. */
export function isMap(text: Buffer): boolean {
  const [first = ''] = text.toString('latin1', 0, 500).trimStart().split('\n');
  return first === '' || /^(#|[0-9a-f.:]+\s+\S+\s*$)/i.test(first);
}

/** Where the lines of an address begin, in bytes. */
export function linesOf(text: Buffer, address: string): number[] {
  const entry = Buffer.from(`${address} deny`);
  const found: number[] = [];
  for (let at = text.indexOf(entry); at !== -1; at = text.indexOf(entry, at + 1)) {
    const startsLine = at === 0 || text[at - 1] === 0x0a;
    // Apache ends a value at white space, and reads a last line that nothing ends.
    if (startsLine && (text[at + entry.length] ?? 0x0a) <= 0x20) found.push(at);
  }
  return found;
}

/** A line that was an entry until its first byte was made a `#`; what a person has written looks otherwise. */
export const DEAD_LINE = /^#[0-9a-f.:]+ deny\s*$/;
