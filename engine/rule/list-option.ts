import { configError } from '../failure.ts';
import type { List, ListLookup, LookupKind } from '../list/lookup.ts';
import { compilePattern } from '../pattern/pattern.ts';
import { attribute, type Element } from '../xml/element.ts';

const KINDS: readonly string[] = [
  'match_key',
  'not_match_key',
  'match_key_value',
  'address_match_key',
  'not_address_match_key',
  'address_match_key_value',
] satisfies LookupKind[];

/** Reads `<list field="srcip" lookup="address_match_key">lists/blocked</list>`. */
export function listLookup(id: number, option: Element, lists: ReadonlyMap<string, List>): ListLookup {
  const field = attribute(option, 'field')?.toLowerCase();
  if (!field) throw configError(option.position, `a list of rule ${id} has no field`);
  const kind = attribute(option, 'lookup')?.toLowerCase() ?? 'match_key';
  if (!KINDS.includes(kind))
    throw configError(option.position, `a list of rule ${id} has an unknown lookup '${kind}'`);
  const value = attribute(option, 'check_value');
  const path = option.text.trim();
  return {
    path,
    field,
    kind: kind as LookupKind,
    value: value === undefined ? undefined : compilePattern('osmatch', value),
    list: lists.get(path) ?? lists.get(path.replace(/\.cdb$/, '')),
  };
}
