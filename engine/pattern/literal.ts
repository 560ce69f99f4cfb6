import { onlyByte } from './byte-set.ts';
import type { Node } from './syntax.ts';

/** A pattern of plain text, possibly anchored at an edge of the subject. */
export interface Literal {
  text: string;
  atStart: boolean;
  atEnd: boolean;
}

/** The pattern as plain text, or undefined when it is not plain text. */
export function asLiteral(node: Node): Literal | undefined {
  const items = node.kind === 'sequence' ? node.items : [node];
  let text = '';
  let atStart = false;
  let atEnd = false;
  for (const [i, item] of items.entries()) {
    if (item.kind === 'edge' && item.at === 'start' && i === 0) atStart = true;
    else if (item.kind === 'edge' && item.at === 'end' && i === items.length - 1) atEnd = true;
    else if (item.kind === 'byte' && onlyByte(item.set) >= 0) text += String.fromCharCode(onlyByte(item.set));
    else return undefined;
  }
  return { text, atStart, atEnd };
}

/** The maximum number of texts that a pattern is searched for before it runs. */
const MOST_TEXTS = 16;

/**
 * A list of texts: every match contains at least one of them. Searching a subject for them is much cheaper than running
 * the matcher.
 *
 * @returns the most selective texts found, up to 16; none if matches have nothing in common
 */
export function requiredTexts(node: Node): readonly string[] {
  const required = new RequiredTexts();
  required.add(node);
  return required.end();
}

/** Collects the texts that every match must contain. */
class RequiredTexts {
  #best: readonly string[] = [];
  /** The texts that the current part of the match may have. */
  #run: readonly string[] = [''];

  add(node: Node): void {
    const texts = node.kind === 'repeat' && node.min > 0 ? undefined : textsOf(node);
    const longer = texts && joined(this.#run, texts);
    if (longer) this.#run = longer;
    else if (node.kind === 'sequence') for (const item of node.items) this.add(item);
    else if (node.kind === 'capture') this.add(node.item);
    else if (node.kind === 'repeat' && node.min > 0) {
      this.add(node.item);
      this.#endRun();
    } else {
      this.#endRun();
      if (texts) this.#run = texts;
      else if (node.kind === 'choice') this.#consider(textsOfAll(node.options.map(requiredTexts)));
    }
  }

  end(): readonly string[] {
    this.#endRun();
    return this.#best;
  }

  #endRun(): void {
    this.#consider(this.#run);
    this.#run = [''];
  }

  #consider(texts: readonly string[]): void {
    if (selectivity(texts) > selectivity(this.#best)) this.#best = texts;
  }
}

/** The value of a set: the length of its shortest text, less for several texts, because that search takes longer. */
function selectivity(texts: readonly string[]): number {
  const shortest = texts.reduce((length, text) => Math.min(length, text.length), Infinity);
  return texts.length === 0 ? 0 : shortest / (1 + texts.length / 8);
}

/** The texts of all options; none if one of the options has no texts, or if there are too many texts. */
function textsOfAll(options: readonly (readonly string[])[]): readonly string[] {
  const texts = [...new Set(options.flat())];
  return options.some(({ length }) => length === 0) || texts.length > MOST_TEXTS ? [] : texts;
}

/** All texts that a node can match; undefined if they are too many, or not known. */
export function textsOf(node: Node): readonly string[] | undefined {
  switch (node.kind) {
    case 'byte':
      return onlyByte(node.set) >= 0 ? [String.fromCharCode(onlyByte(node.set))] : undefined;
    case 'edge':
    case 'look':
      return [''];
    case 'capture':
      return textsOf(node.item);
    case 'sequence':
      return node.items.reduce<readonly string[] | undefined>(
        (before, item) => before && joined(before, textsOf(item)),
        [''],
      );
    case 'choice': {
      const options = node.options.map(textsOf);
      const known = options.filter((texts) => texts !== undefined);
      const texts = known.length < options.length ? [] : textsOfAll(known);
      return texts.length === 0 ? undefined : texts;
    }
    case 'repeat': {
      if (node.min > 0 || node.max > 1) return undefined;
      const texts = textsOf(node.item);
      return texts && textsOfAll([[''], texts]);
    }
    case 'back':
      return undefined;
  }
}

/** Each text of the first list followed by each text of the second list; undefined if there are too many. */
function joined(
  texts: readonly string[],
  others: readonly string[] | undefined,
): readonly string[] | undefined {
  if (!others || texts.length * others.length > MOST_TEXTS) return undefined;
  return texts.flatMap((text) => others.map((other) => text + other));
}

/** The bytes that can begin a match at the start of the subject; undefined when any byte may. */
export function firstBytes(node: Node): Uint8Array | undefined {
  const set = new Uint8Array(256);
  return addFirst(node, set) ? undefined : set;
}

/** Adds the first bytes of the node to `set`; returns true when the node can match without reading a byte. */
function addFirst(node: Node, set: Uint8Array): boolean {
  switch (node.kind) {
    case 'byte':
      for (let code = 0; code < 256; code++) if (node.set[code]) set[code] = 1;
      return false;
    case 'sequence':
      return node.items.every((item) => addFirst(item, set));
    case 'choice':
      return node.options.map((option) => addFirst(option, set)).includes(true);
    case 'capture':
      return addFirst(node.item, set);
    case 'repeat':
      return addFirst(node.item, set) || node.min === 0;
    default:
      return true;
  }
}
