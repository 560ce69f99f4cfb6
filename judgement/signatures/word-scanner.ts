/**
 * Finds many words in one pass over a text, ignoring case (Aho and Corasick, 1975). A table holds the next state for
 * each state of the search and each character, so a text without a word costs one look-up per character.
 */
export class WordScanner {
  /** By state and character: the position of the next state's row; inverted (`~row`) if a word ends there. */
  readonly #next: Int32Array;
  /** By state: the indices of the words that end there. */
  readonly #found: readonly (readonly number[])[];

  /** @param words in lower case, of printable ASCII */
  constructor(words: readonly string[]) {
    const tree = new WordTree(words.reduce((sum, { length }) => sum + length, 0));
    words.forEach((word, index) => {
      tree.add(word, index);
    });
    const { next, found } = tree.table();
    this.#next = next;
    this.#found = found;
  }

  /** True if a word is in the text from `start` to `end`. */
  hasAny(text: string, start: number, end: number): boolean {
    const next = this.#next;
    let row = 0;
    for (let i = start; i < end; i++) {
      row = next[row + columnOf(text.charCodeAt(i))] as number;
      if (row < 0) return true;
    }
    return false;
  }

  /** Adds the indices of the words that the text contains. */
  collect(text: string, into: Set<number>): void {
    const next = this.#next;
    let row = 0;
    for (let i = 0; i < text.length; i++) {
      row = next[row + columnOf(text.charCodeAt(i))] as number;
      if (row >= 0) continue;
      row = ~row;
      for (const index of this.#found[row / COLUMNS] ?? []) into.add(index);
    }
  }
}

/** Printable ASCII without capitals, and one column for all other characters. */
const COLUMNS = 70;
const OTHER_COLUMN = 0;

const COLUMN_BY_CODE = columnsByCode();

function columnsByCode(): Uint8Array {
  const columns = new Uint8Array(256);
  let column = OTHER_COLUMN + 1;
  for (let code = 0x20; code <= 0x7e; code++) if (!isCapital(code)) columns[code] = column++;
  for (let code = 0x41; code <= 0x5a; code++) columns[code] = columns[code | 0x20] ?? OTHER_COLUMN;
  return columns;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

/** A code above a byte has the column of its low byte; canonical texts contain no such code. */
function columnOf(code: number): number {
  return COLUMN_BY_CODE[code & 0xff] as number;
}

/** The states of a search under construction. State 0 is the start. */
class WordTree {
  /** By state and character: the next state; 0 if no word continues with this character. */
  readonly #next: Int32Array;
  /** By state: the indices of the words that end there. */
  readonly #found: number[][] = [[]];

  /** @param most the total number of characters of all words */
  constructor(most: number) {
    this.#next = new Int32Array((most + 1) * COLUMNS);
  }

  add(word: string, index: number): void {
    let state = 0;
    for (let i = 0; i < word.length; i++) {
      const at = state * COLUMNS + columnOf(word.charCodeAt(i));
      if (this.#next[at] === 0) this.#next[at] = this.#found.push([]) - 1;
      state = this.#next[at] ?? 0;
    }
    this.#found[state]?.push(index);
  }

  /**
   * Makes the table of the search. Where a character continues no word, the search continues from the longest end of
   * the text that begins another word. That beginning is shorter, so this method handles shorter beginnings first.
   */
  table(): { next: Int32Array; found: readonly (readonly number[])[] } {
    const found = this.#found;
    const next = this.#next.slice(0, found.length * COLUMNS);
    const fallback = new Int32Array(found.length);
    const order = [0];
    for (const state of order) {
      const from = (fallback[state] ?? 0) * COLUMNS;
      for (let column = 0; column < COLUMNS; column++) {
        const at = state * COLUMNS + column;
        const child = next[at] ?? 0;
        const other = state === 0 ? 0 : (next[from + column] ?? 0);
        if (child === 0) {
          next[at] = other;
          continue;
        }
        const shorter = stateOf(other);
        fallback[child] = shorter;
        found[child]?.push(...(found[shorter] ?? []));
        next[at] = found[child]?.length === 0 ? child * COLUMNS : ~(child * COLUMNS);
        order.push(child);
      }
    }
    return { next, found };
  }
}

function stateOf(row: number): number {
  return (row < 0 ? ~row : row) / COLUMNS;
}
