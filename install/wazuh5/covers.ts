import type { Json } from './yaml.ts';

/**
 * True if a stored value contains the whole wanted value. The stored value may have more keys, because an indexer adds
 * its own. An empty text or list counts as a missing value.
 */
export function covers(stored: Json | undefined, wanted: Json): boolean {
  if (isEmpty(wanted)) return isEmpty(stored);
  if (typeof wanted !== 'object' || wanted === null) return stored === wanted;
  if (typeof stored !== 'object' || stored === null) return false;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(stored) || stored.length !== wanted.length) return false;
    return wanted.every((item: Json, index) => covers(stored[index], item));
  }
  return Object.entries(wanted).every(([key, item]) =>
    covers((stored as { readonly [key: string]: Json })[key], item),
  );
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
