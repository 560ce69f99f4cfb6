/** Reads the part of YAML that toYaml writes: block style, texts in double quotes. @throws Error for anything else */
export function readYaml(text: string): unknown {
  const lines = text.split('\n').filter((line) => line !== '');
  const at = { line: 0 };
  const value = readBlock(lines, at, indentOf(lines[0] ?? ''));
  if (at.line < lines.length) throw new Error(`unexpected indent: ${lines[at.line]}`);
  return value;
}

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;

function readBlock(lines: string[], at: { line: number }, indent: number): unknown {
  return (lines[at.line] ?? '').slice(indent).startsWith('-')
    ? readList(lines, at, indent)
    : readMap(lines, at, indent);
}

function readList(lines: string[], at: { line: number }, indent: number): unknown[] {
  const items: unknown[] = [];
  while (at.line < lines.length && indentOf(lines[at.line] ?? '') === indent) {
    const line = lines[at.line] ?? '';
    if (!line.slice(indent).startsWith('- ')) throw new Error(`no item: ${line}`);
    const rest = line.slice(indent + 2);
    if (isScalar(rest)) {
      items.push(JSON.parse(rest));
      at.line++;
      continue;
    }
    // A map begins after the hyphen.
    lines[at.line] = `${' '.repeat(indent + 2)}${rest}`;
    items.push(readBlock(lines, at, indent + 2));
  }
  return items;
}

function readMap(lines: string[], at: { line: number }, indent: number): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  while (at.line < lines.length && indentOf(lines[at.line] ?? '') === indent) {
    const line = (lines[at.line] ?? '').slice(indent);
    const [, quoted, plain, rest = ''] =
      /^(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][\w.]*)):(?: (.*))?$/.exec(line) ?? [];
    const key: string | undefined = quoted === undefined ? plain : JSON.parse(quoted);
    if (key === undefined || key in map) throw new Error(`no key, or a repeated key: ${line}`);
    at.line++;
    if (rest !== '') map[key] = JSON.parse(rest);
    else map[key] = readBlock(lines, at, indentOf(lines[at.line] ?? ''));
  }
  return map;
}

const isScalar = (text: string): boolean =>
  /^(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|\[\]|\{\})$/.test(text);
