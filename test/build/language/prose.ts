/** A piece of text for people in a source file. Lines count from 1. */
export interface Prose {
  readonly kind: 'comment' | 'string' | 'test name';
  readonly line: number;
  readonly text: string;
}

/** Reads the comments, strings and test names of a source file, by its extension. */
export function proseIn(file: string, source: string): Prose[] {
  if (file.endsWith('.xml')) return xmlComments(source);
  if (file.endsWith('.md')) return markdownProse(source);
  return joined(/\.(?:ts|mjs)$/.test(file) ? scriptProse(source) : shellProse(source));
}

function xmlComments(source: string): Prose[] {
  return [...source.matchAll(/<!--(.*?)-->/gs)].map(({ index, 1: text = '' }) => ({
    kind: 'comment',
    line: lineAt(source, index),
    text: text.replace(/^ *- {2}/gm, ''),
  }));
}

/** The lines outside of fenced blocks, without code spans. */
function markdownProse(source: string): Prose[] {
  const plain = source.replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''));
  return plain
    .replace(/`[^`\n]*`/g, '…')
    .split('\n')
    .map(
      (text, index): Prose => ({
        kind: 'comment',
        line: index + 1,
        text: text.replace(/^(?:[-#>|]+ |\d+\. )/, ''),
      }),
    );
}

/** Matches a comment or a quoted string. A `#` within a word does not begin a comment. */
const SHELL = /(?<=^|\s)#(?!!)(.*)|'([^']*)'|"((?:\\.|[^"\\])*)"|\\./gm;

function shellProse(source: string): Prose[] {
  return [...source.matchAll(SHELL)].flatMap(({ index, 1: comment, 2: single, 3: double }): Prose[] => {
    const line = lineAt(source, index);
    if (comment !== undefined) return [{ kind: 'comment', line, text: comment }];
    const text = single ?? double;
    return text === undefined ? [] : [{ kind: 'string', line, text }];
  });
}

const LINE_COMMENT = /\/\/(.*)/y;
const BLOCK_COMMENT = /\/\*(.*?)\*\//sy;
const QUOTED = /'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"/sy;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** The end of code after which a `/` begins a regular expression, not a division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|of|in|await|yield|=>))\s*$/;
/** The end of code before a test's name: `test(`, `suite.only(`, `(isThere ? test : test.skip)(`. */
const BEFORE_NAME = /(?:\b[a-zA-Z]\w*(?:\.only|\.skip)?|\))\(\s*$/;
/** The code after a test's name: the test's function. */
const AFTER_NAME = /^,\s*(?:async\s*)?(?:\(|function\b)/;

function scriptProse(source: string): Prose[] {
  const found: Prose[] = [];
  const depths: number[] = []; // open braces within each ${ } of a template
  let codeStart = 0;
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const add = (kind: 'comment' | 'string', text: string, end: number): void => {
    const isName = kind === 'string' && isTestName(source, at, end);
    found.push({ kind: isName ? 'test name' : kind, line: lineAt(source, at), text });
    at = end;
    if (kind === 'string') codeStart = end;
  };
  const template = (): void => {
    const start = at;
    let text = '';
    for (at++; at < source.length && source[at] !== '`'; at++) {
      if (source[at] === '\\') text += unescaped(source.slice(at++, at + 1));
      else if (source.startsWith('${', at)) {
        text += '…';
        at += 2;
        code('}');
      } else text += source[at];
    }
    const end = at + 1;
    at = start;
    add('string', text, end);
  };
  const code = (closing?: string): void => {
    depths.push(0);
    while (at < source.length) {
      const char = source[at];
      const depth = depths.at(-1) ?? 0;
      if (char === closing && depth === 0) break;
      if (char === '{') depths[depths.length - 1] = depth + 1;
      if (char === '}') depths[depths.length - 1] = depth - 1;
      const comment = match(LINE_COMMENT) ?? match(BLOCK_COMMENT);
      const quoted = match(QUOTED);
      if (comment) add('comment', comment[1] ?? '', at + comment[0].length);
      else if (quoted) add('string', unescaped(quoted[1] ?? quoted[2] ?? ''), at + quoted[0].length);
      else if (char === '`') template();
      else if (char === '/' && BEFORE_REGEX.test(source.slice(codeStart, at)) && match(REGEX)) {
        at += match(REGEX)?.[0].length ?? 1;
        codeStart = at - 1;
      } else at++;
    }
    depths.pop();
  };
  code();
  return found.map((prose) =>
    prose.kind === 'comment' ? { ...prose, text: prose.text.replace(/^[ \t]*\* ?/gm, '') } : prose,
  );
}

function isTestName(source: string, start: number, end: number): boolean {
  return (
    BEFORE_NAME.test(source.slice(Math.max(0, start - 80), start)) &&
    AFTER_NAME.test(source.slice(end, end + 40))
  );
}

const unescaped = (text: string): string => text.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1');

/** Joins line comments that follow each other. */
function joined(found: readonly Prose[]): Prose[] {
  const result: Prose[] = [];
  let last = 0;
  for (const prose of found) {
    const before = result.at(-1);
    if (prose.kind === 'comment' && before?.kind === 'comment' && prose.line === last + 1)
      result[result.length - 1] = { ...before, text: `${before.text}\n${prose.text}` };
    else result.push(prose);
    last = prose.kind === 'comment' ? prose.line + prose.text.split('\n').length - 1 : 0;
  }
  return result;
}

const lineAt = (source: string, index: number): number => source.slice(0, index).split('\n').length;
