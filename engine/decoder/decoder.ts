import type { Category } from '../event/category.ts';
import type { Event, FtsField } from '../event/event.ts';
import type { SourcePosition } from '../failure.ts';
import type { Pattern } from '../pattern/pattern.ts';

/** The offset where a prematch or regex starts: at the beginning, or after an earlier match. */
export type Offset = 'start' | 'after_parent' | 'after_prematch' | 'after_regex';

/** Extracts the fields of an event that its decoder has recognised, by code instead of a regex. */
export type PluginDecoder = (event: Event, rest: string) => void;

/** Wazuh's options for its JSON decoder, before or after `<plugin_decoder>`. */
export interface JsonOptions {
  /** Leaves out fields that are null. Otherwise their value is the text `null`. */
  discardsNull?: boolean;
  /** Joins a list's values with commas. Otherwise a list stays JSON. */
  joinsLists?: boolean;
}

/** The target field of one group in a regex. */
export interface OrderEntry {
  /** The name that logtest prints. */
  label: string;
  assign(event: Event, value: string): void;
}

export interface Decoder {
  /** The name in rules: the parent's, unless the decoder uses its own. */
  name: string;
  position: SourcePosition;
  parent: string | undefined;
  usesOwnName: boolean;
  category: Category;
  programName: Pattern | undefined;
  prematch: Pattern | undefined;
  prematchOffset: Offset;
  regex: Pattern | undefined;
  regexOffset: Offset;
  order: OrderEntry[];
  /** A group that took no part in the match still takes up an entry of the order, as in Wazuh's PCRE2. */
  countsUnsetGroups: boolean;
  fts: Set<FtsField>;
  accumulates: boolean;
  /**
   * A match of the regex assigns the event to this decoder. Wazuh assigns it to a child only if the child's prematch
   * matches.
   */
  claimsByRegex: boolean;
  plugin: PluginDecoder | undefined;
  json: JsonOptions;
  pluginOffset: Offset;
  /** The next sibling continues on the same line: together they are one decoder with several regexes. */
  hasNext: boolean;
}

/** A decoder without a parent, and its children in the order of the files. */
export interface DecoderNode {
  decoder: Decoder;
  children: Decoder[];
}
