import type { Event } from '../event/event.ts';
import type { Pattern } from '../pattern/pattern.ts';
import { fieldValue } from '../rule/subject.ts';

/** The content of a CDB list: keys and their values. */
export type List = Map<string, string>;

export type LookupKind =
  | 'match_key'
  | 'not_match_key'
  | 'match_key_value'
  | 'address_match_key'
  | 'not_address_match_key'
  | 'address_match_key_value';

/** A rule's `<list>`: checks whether the list contains the event's field. */
export interface ListLookup {
  path: string;
  field: string;
  kind: LookupKind;
  /** The pattern for the value, for the kinds that end in _value. */
  value: Pattern | undefined;
  /** Undefined when the configuration does not name the list: then the rule never matches, as in OSSEC. */
  list: List | undefined;
}

export function lookUp(lookup: ListLookup, event: Event): boolean {
  const key = lookup.field === 'user' ? (event.srcuser ?? event.dstuser) : fieldValue(event, lookup.field);
  const { list, value: pattern } = lookup;
  if (key === undefined || !list) return false;
  const value = (found: string | undefined) =>
    found !== undefined && (pattern?.test(found, found.toLowerCase()) ?? false);
  switch (lookup.kind) {
    case 'match_key':
      return list.has(key);
    case 'not_match_key':
      return !list.has(key);
    case 'match_key_value':
      return value(list.get(key));
    case 'address_match_key':
      return addressValue(list, key) !== undefined;
    case 'not_address_match_key':
      return addressValue(list, key) === undefined;
    case 'address_match_key_value':
      // OSSEC inverts this kind (src/analysisd/lists_list.c), and rules rely on that.
      return !value(addressValue(list, key));
  }
}

/** Looks up `10.1.2.3`, then `10.1.2.`, `10.1.` and `10.`. */
function addressValue(list: List, address: string): string | undefined {
  let key = address;
  while (key !== '') {
    const value = list.get(key);
    if (value !== undefined) return value;
    key = key.slice(0, key.lastIndexOf('.', key.length - 2) + 1);
  }
  return undefined;
}
