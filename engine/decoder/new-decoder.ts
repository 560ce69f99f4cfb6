import type { Category } from '../event/category.ts';
import type { SourcePosition } from '../failure.ts';
import type { Decoder } from './decoder.ts';

/** A decoder without patterns: it has only a name and a category. */
export const newDecoder = (name: string, category: Category, position: SourcePosition): Decoder => ({
  name,
  position,
  parent: undefined,
  usesOwnName: false,
  category,
  programName: undefined,
  prematch: undefined,
  prematchOffset: 'start',
  regex: undefined,
  regexOffset: 'start',
  order: [],
  countsUnsetGroups: false,
  fts: new Set(),
  accumulates: false,
  claimsByRegex: true,
  plugin: undefined,
  json: {},
  pluginOffset: 'start',
  hasNext: false,
});
