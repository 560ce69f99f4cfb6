/** Adds one to a count, which begins at 0. */
export function increase(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
