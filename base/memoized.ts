import { ownCopy } from './own-copy.ts';

/** The most texts that are remembered, and their longest length. A longer text is computed each time. */
interface Bounds {
  readonly most: number;
  readonly longest: number;
}

/**
 * Remembers the results for texts that come again and again, such as the user agents of a log. Forgets all when there
 * are too many, so that a client with ever new texts costs time but no memory.
 *
 * @param compute depends on the text alone @returns `compute`, which then computes nothing for a text it knows
 */
export function memoized<Result>(
  compute: (text: string) => Result,
  { most, longest }: Bounds,
): (text: string) => Result {
  const known = new Map<string, { readonly result: Result }>();
  return (text) => {
    if (text.length > longest) return compute(text);
    const found = known.get(text);
    if (found) return found.result;
    const copy = ownCopy(text);
    const result = compute(copy);
    if (known.size >= most) known.clear();
    known.set(copy, { result });
    return result;
  };
}
