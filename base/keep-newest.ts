/** Deletes the oldest entry of a map if the map has more than `most` entries. Call this after adding an entry. */
export function keepNewest<K>(map: Map<K, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
