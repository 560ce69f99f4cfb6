import type { Event } from '../event/event.ts';
import type { Place } from '../failure.ts';
import type { Pattern } from '../pattern/pattern.ts';

/** The kind of log, which decides what rules look at an event. `ossec-alert` comes from a plugin only. */
export type Category =
  | 'syslog'
  | 'firewall'
  | 'ids'
  | 'web-log'
  | 'squid'
  | 'windows'
  | 'host-information'
  | 'ossec'
  | 'ossec-alert';

/** Where a prematch or regex starts to look: at the beginning, or after what matched before. */
export type Offset = 'start' | 'after_parent' | 'after_prematch' | 'after_regex';

/** Fields that make an event of a decoder new or not (`<fts>`). */
export type FtsField =
  | 'dstuser'
  | 'srcuser'
  | 'srcip'
  | 'dstip'
  | 'id'
  | 'location'
  | 'data'
  | 'systemname'
  | 'name';

/** Takes the fields out of an event that its decoder has recognised. */
export type PluginDecoder = (event: Event, rest: string) => void;

/** What one group of a regex is for. */
export interface OrderEntry {
  /** As logtest prints it. */
  label: string;
  assign(event: Event, value: string): void;
}

export interface Decoder {
  /** The name that rules see: the parent's, unless the decoder uses its own. */
  name: string;
  place: Place;
  parent: string | undefined;
  usesOwnName: boolean;
  category: Category;
  programName: Pattern | undefined;
  prematch: Pattern | undefined;
  prematchOffset: Offset;
  regex: Pattern | undefined;
  regexOffset: Offset;
  order: OrderEntry[];
  /** A group that took no part in the match has its place in the order all the same: so in Wazuh's PCRE2. */
  countsUnsetGroups: boolean;
  fts: Set<FtsField>;
  accumulates: boolean;
  plugin: PluginDecoder | undefined;
  pluginOffset: Offset;
  /** The next sibling goes on with the same line: they are one decoder with several regexes. */
  hasNext: boolean;
}

/** A decoder without a parent, and its children in the order of the files. */
export interface DecoderNode {
  decoder: Decoder;
  children: Decoder[];
}
