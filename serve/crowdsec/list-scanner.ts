const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [...'"\\{}[]'].map((each) =>
  each.charCodeAt(0),
);

/** The longest object, in characters: a decision has about 250. */
const LONGEST = 64 * 1024;

/**
 * Reads a JSON object of lists, `{"new":[{…},{…}],"deleted":null}`, piece by piece, and passes on each item. All of
 * 100,000 decisions at once, as text and as objects, would take hundreds of megabytes.
 */
export class ListScanner {
  /** True after the whole object. */
  isComplete = false;
  /** The keys of the object so far. */
  readonly keys: string[] = [];
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** The unfinished object of a list, or text of the outer object. */
  #rest = '';

  /** @param onItem called with each item, and the key of its list */
  constructor(private readonly onItem: (key: string, item: unknown) => void) {}

  /** Scans the next piece of text. @throws Error for another form */
  scan(text: string): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isInText) {
        if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#isInText = false;
      } else if (code === QUOTE) this.#isInText = true;
      else if (code === OPEN || code === OPEN_LIST) {
        this.#depth++;
        if (this.#depth === 2) this.#key(this.#rest + text.slice(from, at));
        if (this.#depth <= 2 || (this.#depth === 3 && code === OPEN)) {
          this.#rest = '';
          from = this.#depth === 3 ? at : at + 1;
        }
      } else if (code === CLOSE || code === CLOSE_LIST) {
        this.#depth--;
        if (this.#depth === 2) {
          this.onItem(this.keys.at(-1) ?? '', JSON.parse(this.#rest + text.slice(from, at + 1)));
          this.#rest = '';
          from = at + 1;
        } else if (this.#depth < 2) {
          if (this.#depth === 0) {
            this.#key(this.#rest + text.slice(from, at));
            this.isComplete = true;
          }
          this.#rest = '';
          from = at + 1;
        }
      }
      if (this.#depth === 0 && !this.isComplete && code > 0x20) throw new Error('it does not begin with {');
    }
    this.#rest += text.slice(from);
    if (this.#rest.length > LONGEST) throw new Error(`an object is longer than ${LONGEST} characters`);
  }

  /** Notes the keys in the text between lists: `"new":`, or `"deleted":null`. */
  #key(text: string): void {
    for (const [, key = ''] of text.matchAll(/"(\w+)"\s*:/g)) this.keys.push(key);
  }
}
