import type { Dialect } from '../dialect.ts';
import { Cursor } from './cursor.ts';
import type { Attribute, Element } from './element.ts';
import { applyVariables } from './variables.ts';

/**
 * Reads the XML of OSSEC's configuration, rules and decoders, which an XML parser would reject: a file has several
 * root elements, text between them, `--` inside comments, a bare `&` in text and `\<` for a `<`. Behaves like
 * src/os_xml. Replaces variables (`<var name="X">`).
 *
 * @param text the file's bytes (latin1)
 * @throws RiposteError (CONFIG) with file and line for an element, attribute or comment that is not closed
 */
export function readXml(text: string, file: string, dialect: Dialect = 'ossec'): Element[] {
  const reader = new Reader(new Cursor(text, file), ESCAPED[dialect]);
  return applyVariables(reader.roots(), dialect);
}

/** os_xml's limits: an element's text in bytes, and the depth of elements. */
const MAX_TEXT = 8192;
const MAX_DEPTH = 1024;

/**
 * Text after which a `<` is plain text: it ends with a backslash (OSSEC), or with an odd number of backslashes (Wazuh).
 */
const ESCAPED = { ossec: /\\$/, wazuh: /(?<!\\)(?:\\\\)*\\$/ } as const;

const NAME = /[^\s>]*/y;

class Reader {
  constructor(
    private readonly cursor: Cursor,
    private readonly escaped: RegExp,
  ) {}

  roots(): Element[] {
    const { cursor } = this;
    const roots: Element[] = [];
    cursor.take('\xef\xbb\xbf');
    if (cursor.take('<?xml') && !cursor.skipPast('?>'))
      throw cursor.error('the XML declaration is not closed');
    while (cursor.takeUntil('<') !== undefined) {
      if (this.comment()) continue;
      if (cursor.take('/')) throw cursor.error('a closing tag has no opening tag');
      roots.push(this.element(1));
    }
    return roots;
  }

  /** Reads the rest of an element after its `<`. */
  private element(depth: number): Element {
    const { cursor } = this;
    if (depth > MAX_DEPTH) throw cursor.error(`elements are nested more than ${MAX_DEPTH} deep`);
    const position = { file: cursor.file, line: cursor.line };
    const start = cursor.position - 1;
    const { name, attributes, isClosed } = this.tag();
    const inside = cursor.position;
    const span = { start, inside, insideEnd: inside, end: inside };
    const element: Element = { name, attributes, text: '', children: [], position, span };
    if (!isClosed) this.content(element, depth);
    return element;
  }

  private tag(): { name: string; attributes: Attribute[]; isClosed: boolean } {
    const name = this.cursor.takeMatch(NAME);
    const char = this.nextOf('an element name');
    const isSlashed = name.endsWith('/');
    const attributes: Attribute[] = [];
    const isClosed = isSpace(char) && this.attributes(attributes);
    return { name: isSlashed ? name.slice(0, -1) : name, attributes, isClosed: isClosed || isSlashed };
  }

  /** Reads attributes up to the `>` or `/`; true when the element ends there. */
  private attributes(attributes: Attribute[]): boolean {
    const { cursor } = this;
    let name = '';
    for (;;) {
      const char = this.nextOf('an attribute');
      if (char === '=') {
        if (attributes.some((known) => known.name === name))
          throw cursor.error(`attribute '${name}' is given twice`);
        attributes.push({ name, value: this.value(name) });
        name = '';
        const after = this.nextOf('an attribute');
        if (after === '>') return false;
        if (after === '/') return this.endOfTag();
        if (!isSpace(after))
          throw cursor.error(`attribute '${attributes.at(-1)?.name}' is not closed properly`);
      } else if (char === '>' || char === '/' || isSpace(char)) {
        if (name) throw cursor.error(`attribute '${name}' has no value`);
        if (char === '>') return false;
        if (char === '/') return this.endOfTag();
      } else {
        name += char;
      }
    }
  }

  private endOfTag(): boolean {
    this.cursor.take('>');
    return true;
  }

  private value(name: string): string {
    let quote = this.nextOf('an attribute');
    while (isSpace(quote)) quote = this.nextOf('an attribute');
    if (quote !== '"' && quote !== "'")
      throw this.cursor.error(`the value of attribute '${name}' is not quoted`);
    let value = '';
    for (let char = this.nextOf('an attribute'); char !== quote; char = this.nextOf('an attribute')) {
      if (char === '>') throw this.cursor.error(`attribute '${name}' is not closed`);
      value += char;
    }
    return value;
  }

  private content(element: Element, depth: number): void {
    const { cursor } = this;
    for (let piece = cursor.takeUntil('<'); piece !== undefined; piece = cursor.takeUntil('<')) {
      element.text += piece;
      if (element.text.length > MAX_TEXT)
        throw cursor.error(`the text of '${element.name}' is over ${MAX_TEXT} bytes`);
      if (this.comment()) continue;
      if (this.escaped.test(element.text)) {
        element.text += '<';
      } else if (cursor.take('/')) {
        element.span.insideEnd = cursor.position - 2;
        this.close(element);
        element.span.end = cursor.position;
        return;
      } else {
        element.children.push(this.element(depth + 1));
        element.text = '';
      }
    }
    throw cursor.error(`element '${element.name}' of line ${element.position.line} is not closed`);
  }

  private close(element: Element): void {
    const name = this.cursor.takeUntil('>');
    if (name === undefined) throw this.cursor.error(`the file ends in the middle of </${element.name}>`);
    if (name === element.name) return;
    throw this.cursor.error(
      `element '${element.name}' of line ${element.position.line} is closed by '</${name}>'`,
    );
  }

  /** Reads past a comment after its `<`. It ends at `-->` or, in OSSEC's files, at `!>`. */
  private comment(): boolean {
    if (!this.cursor.take('!')) return false;
    if (!this.cursor.skipPast('-->', '!>')) throw this.cursor.error('a comment is not closed');
    return true;
  }

  private nextOf(what: string): string {
    const char = this.cursor.next();
    if (char === undefined) throw this.cursor.error(`the file ends in the middle of ${what}`);
    return char;
  }
}

function isSpace(char: string): boolean {
  return /\s/.test(char);
}
