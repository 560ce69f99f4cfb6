/** The index of the item with the least value, the first of several; 0 for an empty list. */
export function indexOfLeast<T>(items: readonly T[], measure: (item: T) => number): number {
  let index = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, item] of items.entries()) {
    const value = measure(item);
    if (value >= least) continue;
    least = value;
    index = i;
  }
  return index;
}
