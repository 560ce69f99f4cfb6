import type { Block } from './ledger.ts';

/**
 * Many blocks in a form that JSON reads three times as fast: very many blocks have few different values, and most of
 * their fields are alike.
 */
export interface CompactBlocks {
  readonly addresses: readonly string[];
  /** The different values of all other fields. */
  readonly values: readonly unknown[];
  /** The different lists of fields, in their order. */
  readonly forms: readonly (readonly string[])[];
  /** For each block, the index of its form, and then the index of each value except the address. */
  readonly content: readonly number[];
}

/** Makes blocks compact. */
export function compacted(blocks: readonly Block[]): CompactBlocks {
  const values = new Places();
  const forms = new Places();
  const content: number[] = [];
  for (const block of blocks) {
    const fields = Object.entries(block).filter(([, value]) => value !== undefined);
    content.push(forms.of(fields.map(([name]) => name)));
    for (const [name, value] of fields) if (name !== ADDRESS) content.push(values.of(value));
  }
  const addresses = blocks.map(({ address }) => address);
  return { addresses, values: values.all, forms: forms.all as string[][], content };
}

/** Returns the same blocks, with their fields in the same order. @throws Error for a damaged form */
export function expanded({ addresses, values, forms, content }: CompactBlocks): Block[] {
  let at = 0;
  const blocks = addresses.map((address) => {
    const form = forms[content[at++] as number];
    if (form === undefined) throw new Error('a block without a form');
    const block: Record<string, unknown> = {};
    for (const name of form) {
      const value = name === ADDRESS ? address : values[content[at++] as number];
      if (value === undefined) throw new Error('a field without a value');
      block[name] = value;
    }
    return block as unknown as Block;
  });
  if (at !== content.length) throw new Error('fields without a block');
  return blocks;
}

const ADDRESS: keyof Block = 'address';

/** A list in which each value occurs once, and the index of each value. */
class Places {
  readonly all: unknown[] = [];
  readonly #simple = new Map<unknown, number>();
  /** The indexes of objects and lists, by their JSON. */
  readonly #others = new Map<string, number>();

  /** Returns the index of a value. Adds the value if it is new. */
  of(value: unknown): number {
    return typeof value === 'object' && value !== null
      ? this.#placeIn(this.#others, JSON.stringify(value), value)
      : this.#placeIn(this.#simple, value, value);
  }

  #placeIn<Key>(places: Map<Key, number>, key: Key, value: unknown): number {
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, this.all.length);
    return this.all.push(value) - 1;
  }
}
