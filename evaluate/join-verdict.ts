import type { Event, MatchedRule } from '../engine/event/event.ts';
import type { Ruleset } from '../engine/ruleset/ruleset.ts';
import { CLASSES, type ClassName, type ClassOfVerdict, type Verdict } from '../judgement/classes.ts';
import type { RobotClaim } from '../judgement/sources/robots.ts';
import { mayBeAnswered } from './answers/answered.ts';

/** An event, and the claim on which its verdict depends, if any. */
export type JudgedEvent = Event & { claim?: RobotClaim | undefined };

/**
 * The rules that RequestJudge replaces. These rules raise no alert on requests that RequestJudge judges, because
 * RequestJudge counts these requests by stricter criteria. Some requests on which these rules would alert at once only
 * add to RequestJudge's counts.
 */
const REPLACED: ReadonlySet<number> = new Set([
  ...[31151, 31152, 31153, 31154, 31161, 31162, 31163, 31510, 31533, 117035],
  117040,
  ...numbers(117050, 117079),
  117090,
  ...numbers(117110, 117173),
]);

/** The numbers from `first` to `last`. */
function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const NO_RULES: ReadonlySet<number> = new Set();
/** The ids of all classes of verdicts. */
const JUDGED: ReadonlySet<number> = new Set(Object.values(CLASSES).map(({ rule }) => rule));

/**
 * The rules for which an exception's id stands: the rule itself, and the classes that answer instead of the rule.
 *
 * @returns none if there is no such rule
 */
export function rulesExceptedBy(id: number, { rules }: Ruleset): number[] {
  const classes = classesInsteadOf(id).map((name) => CLASSES[name].rule);
  return rules.byId.has(id) || JUDGED.has(id) || classes.length > 0 ? [id, ...classes] : [];
}

function classesInsteadOf(id: number): readonly ClassName[] {
  const isIn = (first: number, last: number) => id >= first && id <= last;
  if (id === 117040 || isIn(117050, 117058) || isIn(117110, 117128) || isIn(117170, 117173))
    return ['unmistakable', 'severe', 'probes'];
  if (isIn(117060, 117062) || isIn(117129, 117169)) return ['probes'];
  if (isIn(117070, 117079)) return ['burst', 'robot burst'];
  return id === 117090 ? ['logins'] : [];
}

/**
 * The rules that need not be tried on requests that RequestJudge judges: the rules that RequestJudge replaces, or none
 * if an administrator's own rule counts the matches of other rules.
 *
 * @param answerRules ANSWER_RULES: if it names a replaced rule, all rules are tried, so that the named rule counts as
 * in a manager
 */
export function needlessRules({ rules }: Ruleset, answerRules = NO_RULES): ReadonlySet<number> {
  for (const id of REPLACED) if (answerRules.has(id)) return NO_RULES;
  for (const { id, composite } of rules.byId.values()) if (composite && isOwn(id)) return NO_RULES;
  return REPLACED;
}

/** Ids from this number on belong to administrators' own rules, except for Riposte's range. */
const OWN_RULES = 100_000;
const isOwn = (id: number): boolean => id >= OWN_RULES && (id < 117_000 || id >= 118_000);

/** True for a request that an administrator's own rule of level 0 excepts. */
export const isExcepted = ({ rule }: Event): boolean =>
  rule !== undefined && rule.level === 0 && isOwn(rule.id);

/**
 * Puts RequestJudge's verdict into a request's event. The event keeps a rule of a higher level if RequestJudge does not
 * replace that rule and the rule may be answered. Rule 31115 (a long address) may not be answered, so it must not hide
 * an attack in that address.
 *
 * @param answerRules ANSWER_RULES: replaced rules that still raise their alerts
 */
export function joinVerdict(event: JudgedEvent, verdict: Verdict | undefined, answerRules = NO_RULES): void {
  if (event.rule && REPLACED.has(event.rule.id) && !answerRules.has(event.rule.id)) event.isAlert = false;
  if (!verdict) return;
  if (
    event.rule &&
    event.isAlert &&
    event.rule.level > verdict.level &&
    mayBeAnswered(event.rule.id, answerRules)
  )
    return;
  event.rule = ruleOf(verdict);
  event.isAlert = true;
  if (verdict.claim) event.claim = verdict.claim;
}

const groups: ReadonlyMap<number, string> = new Map(
  Object.values(CLASSES).map(({ rule, group }: ClassOfVerdict) => [rule, group]),
);

/** A verdict as a rule that has matched. */
const ruleOf = ({ rule, level, description }: Verdict): MatchedRule => ({
  id: rule,
  level,
  group: groups.get(rule) ?? '',
  description,
  info: [],
  mailsAlert: true,
  isCountedBySid: false,
  countedByGroup: [],
});
