import type { Category } from '../decoder/decoder.ts';
import type { Event } from '../event/event.ts';
import type { Place } from '../failure.ts';
import type { ListLookup } from '../list/lookup.ts';
import type { Pattern } from '../pattern/pattern.ts';

/** Whether an event has what a rule asks for. */
export type Condition = (event: Event) => boolean;

/** A condition and the option it comes from. An overwriting rule replaces some and leaves others. */
export interface NamedCondition {
  option: string;
  condition: Condition;
  /** OSSEC looks at these only when the (overwriting) rule itself has an option of the group. */
  group: 'always' | 'packet' | 'extra';
}

/** Fields that the events of a composite rule must share. `location` means the host's name. */
export type SameField =
  | 'srcip'
  | 'dstip'
  | 'id'
  | 'srcport'
  | 'dstport'
  | 'user'
  | 'location'
  | (string & {});

/** What a composite rule counts, and how. */
export interface Composite {
  source: { sid: number } | { group: Pattern } | { log: Pattern };
  /** This many earlier events must have matched for the rule to fire on the next. */
  earlier: number;
  /** Seconds. */
  timeframe: number;
  same: SameField[];
  different: SameField[];
}

/** Events that are not to be reported again, by fields (`<ignore>`, `<check_if_ignored>`). */
export type IgnoreField = 'dstuser' | 'srcip' | 'dstip' | 'id' | 'location' | 'data' | 'name';

export interface Rule {
  id: number;
  level: number;
  /** Where a rule stands among its siblings: level 0 first, then higher levels. */
  weight: number;
  place: Place;
  /** All groups, as in the XML: `web,accesslog,attack,`. */
  group: string;
  description: string;
  info: { kind: string; text: string }[];
  category: Category;
  conditions: NamedCondition[];
  /** The conditions in the order they are tried; made when all rules are read. */
  checks: Condition[];
  lists: ListLookup[];
  isFirstTimeSeen: boolean;
  checksDiff: boolean;
  composite: Composite | undefined;
  ifSid: number[];
  ifLevel: number | undefined;
  ifGroup: string | undefined;
  overwrites: boolean;
  /** Only its children may be final rules. */
  isNoAlert: boolean;
  isLogged: boolean;
  mailsAlert: boolean;
  /** Seconds in which the rule is not reported again. */
  ignoreTime: number;
  ignores: IgnoreField[];
  checksIgnored: IgnoreField[];
  /** Some rule names this one in if_matched_sid: only that rule's history takes its events. */
  isCountedBySid: boolean;
  /** The rules whose if_matched_group fits, once for each place of this rule in the tree. */
  countedByGroup: Rule[];
  firedTimes: number;
}

export interface RuleNode {
  rule: Rule;
  children: RuleNode[];
}
