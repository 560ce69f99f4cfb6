import type { Dialect } from '../dialect.ts';
import type { Category } from '../event/category.ts';
import type { SourcePosition } from '../failure.ts';
import type { ListLookup } from '../list/lookup.ts';
import type { Pattern } from '../pattern/pattern.ts';
import type { Condition } from './condition.ts';

/** A condition and its option. An overwriting rule replaces some options and keeps the others. */
export interface NamedCondition {
  option: string;
  condition: Condition;
  /** OSSEC checks `packet` and `extra` only when the (overwriting) rule itself has an option of the group. */
  group: 'always' | 'packet' | 'extra';
}

/** Fields that the events of a composite rule must share. `location` means the host name. */
export type SameField =
  | 'srcip'
  | 'dstip'
  | 'id'
  | 'srcport'
  | 'dstport'
  | 'user'
  | 'location'
  | (string & {});

/** The events that a composite rule counts, and the limits. */
export interface Composite {
  source: { sid: number } | { group: Pattern } | { log: Pattern };
  /** The number of earlier events that must have matched for the rule to fire on the next. */
  earlier: number;
  /** Seconds. */
  timeframe: number;
  same: SameField[];
  different: SameField[];
  /**
   * The events that a rule marks when it fires: a rule of its level or lower stops counting at a marked event. OSSEC
   * marks the latest event of the key and the earliest counted event. Wazuh marks the latest counted event, or no event
   * if one event is enough.
   */
  marks: Dialect;
}

/** Fields that identify events to suppress (`<ignore>`, `<check_if_ignored>`). */
export type IgnoreField = 'dstuser' | 'srcip' | 'dstip' | 'id' | 'location' | 'data' | 'name';

export interface Rule {
  id: number;
  level: number;
  /** The order among siblings: level 0 first, then higher levels. */
  weight: number;
  position: SourcePosition;
  /** All groups, as in the XML: `web,accesslog,attack,`. */
  group: string;
  description: string;
  info: { kind: string; text: string }[];
  category: Category;
  conditions: NamedCondition[];
  /** The conditions in the order of their cost; set when all rules are read. */
  checks: Condition[];
  lists: ListLookup[];
  isFirstTimeSeen: boolean;
  checksDiff: boolean;
  composite: Composite | undefined;
  ifSid: number[];
  ifLevel: number | undefined;
  ifGroup: string | undefined;
  overwrites: boolean;
  /** True when only its children may be final rules. */
  isNoAlert: boolean;
  isLogged: boolean;
  mailsAlert: boolean;
  /** The time for which the rule is silent after an alert, in seconds. */
  ignoreTime: number;
  ignores: IgnoreField[];
  checksIgnored: IgnoreField[];
  /** True when another rule names this rule in if_matched_sid. Then this rule's events enter no group's history. */
  isCountedBySid: boolean;
  /**
   * The rules whose if_matched_group matches this rule's groups. Each is listed once for every copy of this rule in the
   * tree.
   */
  countedByGroup: Rule[];
  firedTimes: number;
}

export interface RuleNode {
  rule: Rule;
  children: RuleNode[];
}
