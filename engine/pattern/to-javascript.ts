import { type ByteSet, onlyByte, overlaps, remembered } from './byte-set.ts';
import { firstBytes } from './literal.ts';
import type { Node } from './syntax.ts';

/** A JavaScript regular expression, without any flag. */
export interface JavaScriptSource {
  source: string;
  /** The index in `source` of each group of the pattern, group 0 first; undefined when each group keeps its index. */
  groups: number[] | undefined;
}

/** Returns a JavaScript regular expression that matches the same byte strings. */
export function toJavaScript(node: Node): JavaScriptSource {
  const writer = new Writer();
  const source = writer.write(node);
  return { source, groups: writer.hasOwnGroups ? writer.groups : undefined };
}

/**
 * Writes the expression. JavaScript has no possessive repeat, but never backtracks into a look-ahead, so `a*+` is
 * `(?=(a*))\1`, which adds a group: groups are renumbered.
 */
class Writer {
  readonly groups: number[] = [0];
  hasOwnGroups = false;
  private count = 0;

  write(node: Node): string {
    switch (node.kind) {
      case 'byte':
        return setSource(node.set);
      case 'sequence':
        return node.items.map((item, i) => this.writeItem(item, node.items.slice(i + 1))).join('');
      case 'choice':
        return node.options.map((option) => this.write(option)).join('|');
      case 'capture':
        this.groups[node.index] = ++this.count;
        return `(${this.write(node.item)})`;
      case 'repeat':
        return node.possessive ? this.writePossessive(node) : this.writeRepeat(node);
      case 'edge':
        return EDGES[node.at];
      case 'look':
        return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${this.write(node.item)})`;
      case 'back':
        return `(?:\\${this.groups[node.index]})`;
    }
  }

  private writeItem(item: Node, rest: Node[]): string {
    if (item.kind === 'choice') return `(?:${this.write(item)})`;
    // If no text can begin both the repeated item and the rest, giving back a repetition never leads to a match.
    if (item.kind === 'repeat' && item.possessive && isApart(item.item, rest)) return this.writeRepeat(item);
    return this.write(item);
  }

  private writePossessive(node: Node & { kind: 'repeat' }): string {
    this.hasOwnGroups = true;
    const group = ++this.count;
    return `(?=(${this.writeRepeat(node)}))(?:\\${group})`;
  }

  private writeRepeat({ item, min, max, lazy }: Node & { kind: 'repeat' }): string {
    const source = this.write(item);
    const whole = item.kind === 'byte' || item.kind === 'capture' ? source : `(?:${source})`;
    return `${whole}${bounds(min, max)}${lazy ? '?' : ''}`;
  }
}

/** True when no text can begin both the item and the rest. */
function isApart(item: Node, rest: Node[]): boolean {
  const own = firstBytes(item);
  const next = firstBytes({ kind: 'sequence', items: rest });
  return own !== undefined && next !== undefined && !overlaps(own, next);
}

const EDGES = {
  start: '^',
  end: '$',
  lineStart: '(?:^|(?<=\\n))',
  lineEnd: '(?=\\n|$)',
  word: '\\b',
  notWord: '\\B',
} as const;

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

/** The source of a byte, inside or outside of a bracket expression. */
function escaped(code: number): string {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9 ]/.test(char)) return char;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** The source that matches this text of bytes. */
export const textSource = (text: string): string =>
  Array.from(text, (char) => escaped(char.charCodeAt(0))).join('');
