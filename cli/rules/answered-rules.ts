import { isSevere } from '../../active-response/duration.ts';
import type { AllSettings } from '../../active-response/settings/server-settings.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { ANSWERS, type Answer, MANAGER_TIMEOUT, UNANSWERED } from '../../evaluate/answers/answer-table.ts';
import { isCountedRule } from '../../evaluate/detection.ts';
import { CLASSES } from '../../judgement/classes.ts';
import { durationsOf, timesFor } from '../../serve/scan/durations.ts';

/** The response to a rule, and its times at the first, second, … offence, in seconds. */
export interface Response {
  readonly name: string;
  readonly seconds: readonly number[];
}

/** A rule, and its answers. */
export interface AnsweredRule {
  readonly rule: number;
  /** Undefined for a rule that is neither in Riposte's files nor in its stand-ins. */
  readonly level: number | undefined;
  readonly class: string;
  readonly why: string;
  /** The answer of riposte serve, scan and replay; undefined for none. */
  readonly server: Response | undefined;
  /** The answer of a manager, as riposte install writes it; undefined for none. */
  readonly manager: Response | undefined;
}

/** All rules of the table, and the rules that ANSWER_RULES adds. */
export function answeredRules(settings: AllSettings): AnsweredRule[] {
  const known = knownRules();
  const withLevel = (rule: number) => ({ rule, level: known.levels.get(rule) });
  const answered = ANSWERS.map((answer) => ({
    ...withLevel(answer.rule),
    class: answer.class,
    why: answer.why,
    server: answer.byServer ? serverResponse(answer.rule, known, settings) : undefined,
    manager: managerResponse(answer, known, settings),
  }));
  const chosen = settings.answerRules.map(Number);
  const unanswered = UNANSWERED.map(({ rule, why }) => ({
    ...withLevel(rule),
    class: 'only counted',
    why,
    server: chosen.includes(rule) ? serverResponse(rule, known, settings) : undefined,
    manager: undefined,
  }));
  const listed = new Set([...ANSWERS, ...UNANSWERED].map(({ rule }) => rule));
  const added = chosen.filter((rule) => !listed.has(rule));
  return [
    ...answered,
    ...added.map((rule) => ({
      ...withLevel(rule),
      class: '-',
      why: `ANSWER_RULES names this rule${known.levels.has(rule) ? '' : '; it is not a rule of Riposte'}`,
      server: serverResponse(rule, known, settings),
      manager: undefined,
    })),
    ...unanswered,
  ];
}

/** The known properties of rules: their levels, and which rules count several requests. */
interface KnownRules {
  readonly levels: ReadonlyMap<number, number>;
  readonly counted: ReadonlySet<number>;
}

function knownRules(): KnownRules {
  const { byId } = loadRuleset(builtInSources('ossec', true)).rules;
  const classes = Object.values(CLASSES).map(({ rule, level }) => ({ id: rule, level }));
  const all = [...byId.values(), ...classes];
  return {
    levels: new Map(all.map(({ id, level }) => [id, level])),
    counted: new Set(all.filter(isCountedRule).map(({ id }) => id)),
  };
}

function serverResponse(rule: number, { levels, counted }: KnownRules, settings: AllSettings): Response {
  const times = timesFor({ isCounted: counted.has(rule) }, durationsOf(settings, settings));
  return { name: 'serve', seconds: timesOf(rule, levels.get(rule), times, settings) };
}

/** If BLOCK_FOR is set, the scripts decide the times themselves. */
function managerResponse(
  { rule, byManager }: Answer,
  { levels }: KnownRules,
  settings: AllSettings,
): Response | undefined {
  if (byManager === undefined) return undefined;
  const { blockFor } = settings;
  const seconds =
    blockFor.length > 0 ? timesOf(rule, levels.get(rule), blockFor, settings) : [MANAGER_TIMEOUT];
  return { name: byManager, seconds };
}

/** The times of a rule. A severe rule gets the last time at its first offence. */
function timesOf(
  rule: number,
  ruleLevel: number | undefined,
  times: readonly number[],
  settings: AllSettings,
): readonly number[] {
  return isSevere({ ruleId: String(rule), ruleLevel: ruleLevel ?? 0 }, settings) ? times.slice(-1) : times;
}
