import { ownCopy } from './own-copy.ts';

/**
 * The maximum number of remembered texts, and their maximum length. The result for a longer text is computed each time.
 */
interface Bounds {
  readonly most: number;
  readonly longest: number;
}

/**
 * Remembers the results for texts that come again and again, such as the user agents of a log. Forgets all results when
 * there are too many, so that a client that sends ever new texts costs time but no memory.
 *
 * @param compute depends only on the text
 * @returns a function that calls `compute` only for a text whose result it does not remember
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
