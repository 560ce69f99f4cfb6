import { JsonReader } from './json.ts';
import { wrongKind } from './json-shape.ts';

/** The keys of a server's JSON log: a name for each path, and how their values are read. */
export interface JsonKeys<Name extends string> {
  readonly names: Readonly<Record<string, Name>>;
  /** The names whose value may be a number; every other value must be a text. */
  readonly numbers: readonly Name[];
  /** The names of headers that may come several times; the values of such a header form one list (RFC 9110). */
  readonly lists?: readonly Name[];
}

/** The values of a line. */
export interface JsonValues<Name extends string> {
  readonly values: Partial<Record<Name, string>>;
  /** The reason why a value cannot be read; the line may still be one of the server's own messages. */
  readonly wrong: string | undefined;
}

/** Reads the values of the known keys of lines whose keys have fixed names. */
export class JsonValuesReader<Name extends string> {
  readonly #json: JsonReader<Name>;
  readonly #numbers: ReadonlySet<Name>;
  readonly #lists: ReadonlySet<Name>;

  constructor({ names, numbers, lists }: JsonKeys<Name>) {
    const known = new Map(Object.entries(names));
    this.#json = new JsonReader((path) => known.get(path));
    this.#numbers = new Set(numbers);
    this.#lists = new Set(lists);
  }

  /** @returns the values, or the reason why there are none: the line is not a JSON object, or has a key twice */
  read(line: string): JsonValues<Name> | string {
    const values: Partial<Record<Name, string>> = {};
    let wrong: string | undefined;
    const reason = this.#json.read(line, (name, text, kind) => {
      wrong = wrongKind(name, kind, this.#numbers.has(name)) ?? wrong;
      const before = values[name];
      // If the values of a name do not form a list, the first value counts.
      if (before === undefined) values[name] = text;
      else if (this.#lists.has(name)) values[name] = `${before}, ${text}`;
    });
    return reason ?? { values, wrong };
  }
}
