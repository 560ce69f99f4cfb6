/** Forgets the entry that was set first, when there are more than `most`. Call it after adding an entry. */
export function keepNewest<K>(map: Map<K, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
