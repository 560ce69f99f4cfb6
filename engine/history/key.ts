import type { Event } from '../event/event.ts';
import type { Composite } from '../rule/rule.ts';
import { sharedField } from './history.ts';

/** Joins the values that counted events share; undefined when the event lacks one of them. */
export function keyOf({ same }: Composite, event: Event): string | undefined {
  if (same.length === 1 && same[0] === 'srcip') return event.srcip;
  let key = '';
  for (const name of same) {
    const value = sharedField(event, name);
    if (value === undefined) return undefined;
    key += `${value}\n`;
  }
  return key;
}

/** Hashes of the fields in which counted events must differ; undefined when there are none. */
export function hashesOf({ different }: Composite, event: Event): number[] | undefined {
  if (different.length === 0) return undefined;
  return different.map((name) => hash(sharedField(event, name)));
}

/** True if both events have all fields, and the values of each field differ. */
export function areDifferent(hashes: number[], others: number[] | undefined): boolean {
  return hashes.every((own, i) => own !== MISSING && others?.[i] !== MISSING && others?.[i] !== own);
}

const MISSING = -1;

/** FNV-1a, 32 bits: keeps hashes in memory instead of URLs of any length. */
function hash(text: string | undefined): number {
  if (text === undefined) return MISSING;
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
