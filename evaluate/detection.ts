import { ownCopy } from '../base/own-copy.ts';
import type { MatchedRule } from '../engine/event/event.ts';
import type { RobotClaim } from '../judgement/sources/robots.ts';
import { ANSWERS, type AnswerClass } from './answers/answer-table.ts';
import { type AnswerChoice, isAnswered } from './answers/answered.ts';
import type { JudgedEvent } from './join-verdict.ts';

/** An address that would have been blocked, and the reason. */
export interface Detection {
  address: string;
  /** Seconds since 1970, by the log. */
  time: number;
  rule: number;
  level: number;
  /** True if the rule counts several requests: some of them may be a visitor's. */
  isCounted?: boolean;
  /** The length of the prefix to block instead of the address, if the address is in a network with many offenders. */
  prefix?: number | undefined;
  description: string;
  /** The line that raised the first answered alert, and its log. Bytes as latin1. */
  line: string;
  location: string;
  /** The source's claim to be a robot, if the detection depends on the proof of this claim. */
  claim?: RobotClaim;
}

/** The classes that need several requests. */
const COUNTED_CLASSES: ReadonlySet<AnswerClass> = new Set<AnswerClass>([
  'probes',
  'burst',
  'logins',
  'robot burst',
]);

/** The rules of these classes, including rules that only raise the level of a counting rule. */
const COUNTED: ReadonlySet<number> = new Set(
  ANSWERS.filter((answer) => COUNTED_CLASSES.has(answer.class)).map(({ rule }) => rule),
);

/** True for a rule that needs several requests. */
export const isCountedRule = ({ id, composite }: Pick<MatchedRule, 'id' | 'composite'>): boolean =>
  composite !== undefined || COUNTED.has(id);

/**
 * Makes the detection of an event; undefined if its rule is not answered, or the event has no source.
 *
 * @param keptOfLine the number of characters of the line to keep
 */
export function detectionOf(
  { rule, srcip, time, fullLog, location, claim }: JudgedEvent,
  choice: AnswerChoice,
  keptOfLine = Number.POSITIVE_INFINITY,
): Detection | undefined {
  if (!rule || srcip === undefined || !isAnswered(rule, choice)) return undefined;
  return {
    address: ownCopy(srcip),
    time,
    rule: rule.id,
    level: rule.level,
    isCounted: isCountedRule(rule),
    description: rule.description,
    line: ownCopy(fullLog.slice(0, keptOfLine)),
    location,
    ...(claim && { claim }),
  };
}
