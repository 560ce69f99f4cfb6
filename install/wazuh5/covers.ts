import type { Json } from './yaml.ts';

/**
 * True if a stored value has everything of a wanted one. It may have more keys, because an indexer adds its own. An empty
 * text or list is the same as none.
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
