import { type ByteSet, onlyByte, remembered } from './byte-set.ts';
import type { Node } from './syntax.ts';

/** The source of a JavaScript regular expression that matches the same byte strings, without any flag. */
export function toJavaScript(node: Node): string {
  switch (node.kind) {
    case 'byte':
      return setSource(node.set);
    case 'sequence':
      return node.items
        .map((item) => (item.kind === 'choice' ? `(?:${toJavaScript(item)})` : toJavaScript(item)))
        .join('');
    case 'choice':
      return node.options.map(toJavaScript).join('|');
    case 'capture':
      return `(${toJavaScript(node.item)})`;
    case 'repeat':
      return `${repeatable(node.item)}${bounds(node.min, node.max)}${node.lazy ? '?' : ''}`;
    case 'edge':
      return EDGES[node.at];
    case 'look':
      return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${toJavaScript(node.item)})`;
    case 'back':
      return `(?:\\${node.index})`;
  }
}

const EDGES = {
  start: '^',
  end: '$',
  lineStart: '(?:^|(?<=\\n))',
  lineEnd: '(?=\\n|$)',
  word: '\\b',
  notWord: '\\B',
} as const;

function repeatable(node: Node): string {
  const source = toJavaScript(node);
  return node.kind === 'byte' || node.kind === 'capture' ? source : `(?:${source})`;
}

function bounds(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

const setSource = remembered((set) => {
  const only = onlyByte(set);
  if (only >= 0) return escaped(only);
  const members = ranges(set);
  if (members === '') return '[]';
  const others = ranges(set.map((member) => 1 - member));
  return others.length < members.length ? `[^${others}]` : `[${members}]`;
});

function ranges(set: ByteSet): string {
  let source = '';
  for (let code = 0; code < 256; code++) {
    if (!set[code]) continue;
    let last = code;
    while (set[last + 1]) last++;
    source += escaped(code);
    if (last > code) source += (last > code + 1 ? '-' : '') + escaped(last);
    code = last;
  }
  return source;
}

function escaped(code: number): string {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9 ]/.test(char)) return char;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}
