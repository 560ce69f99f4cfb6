import { UNANSWERED } from './answer-table.ts';

/** An administrator’s choice of the alerts that block their source. */
export interface AnswerChoice {
  /** --level: the lowest level of alerts that block their source. */
  readonly level: number;
  /** ANSWER_RULES: rules that block at any level. */
  readonly rules?: ReadonlySet<number> | undefined;
}

const UNLESS_CHOSEN: ReadonlySet<number> = new Set(UNANSWERED.map(({ rule }) => rule));

/** True if alerts of this rule block their source when their level suffices. */
export const mayBeAnswered = (id: number, rules?: ReadonlySet<number>): boolean =>
  !UNLESS_CHOSEN.has(id) || rules?.has(id) === true;

/** True if an alert of this rule blocks its source. */
export const isAnswered = (
  { id, level }: { readonly id: number; readonly level: number },
  { level: lowest, rules }: AnswerChoice,
): boolean => rules?.has(id) === true || (level >= lowest && !UNLESS_CHOSEN.has(id));

/** ANSWER_RULES as a set. */
export const answerRules = (ids: readonly string[]): ReadonlySet<number> => new Set(ids.map(Number));
