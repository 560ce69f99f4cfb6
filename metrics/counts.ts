import { isList } from '../active-response/lists.ts';
import type { JournalEvent } from '../active-response/record/journal.ts';
import type { Outcome } from '../active-response/record/outcome.ts';
import { hasQueue } from '../active-response/response/all-backends.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { BLOCK_CLASSES, classOfBlock, classOfRule } from '../evaluate/answers/block-class.ts';
import { increase } from './increase.ts';
import { RuleLabels } from './rule-labels.ts';

/** The outcomes of requests. */
export const WORDS = [
  'blocked',
  'unblocked',
  'restored',
  'already',
  'kept',
  'held',
  'refused',
  'failed',
  'rehearsed',
] as const satisfies readonly Outcome['word'][];

/** The outcomes of email-alert, which queues messages. */
const MAIL_WORDS = ['spooled', 'sent', 'refused', 'failed'] as const satisfies readonly Outcome['word'][];

/** The counts of one response since the first collection. */
export interface ResponseCounts {
  readonly outcomes: Record<string, number>;
  /** The outcomes `blocked`, by the label of the rule. */
  readonly blocks: Record<string, number>;
  /** The outcomes `blocked`, by class. */
  readonly classes: Record<string, number>;
  aborts: number;
  silences: number;
  /** The number of outcomes with a duration, and the sum of their durations. */
  timed: number;
  milliseconds: number;
}

/** The counts by the response's name. */
export type Counts = Record<string, ResponseCounts>;

/** Counts of 0 for each response: Prometheus would miss the first event of a counter that did not begin at 0. */
export const noCounts = (): Counts =>
  Object.fromEntries(
    [
      ...RESPONSES.map((response) => ({
        name: response.name,
        words: hasQueue(response) ? [...WORDS, 'spooled'] : WORDS,
      })),
      { name: 'email-alert', words: MAIL_WORDS },
    ].map(({ name, words }) => [
      name,
      {
        outcomes: Object.fromEntries(words.map((word) => [word, 0])),
        blocks: {},
        classes: name === 'email-alert' ? {} : Object.fromEntries(BLOCK_CLASSES.map((each) => [each, 0])),
        aborts: 0,
        silences: 0,
        timed: 0,
        milliseconds: 0,
      },
    ]),
  );

/** The labels of the rules in these counts. */
export const labelsIn = (counts: Counts): RuleLabels =>
  new RuleLabels(Object.values(counts).flatMap(({ blocks }) => Object.keys(blocks)));

/** Adds an event of the journal. Ignores unknown responses and outcomes, which an edited file may hold. */
export function countEvent(counts: Counts, event: JournalEvent, labels: RuleLabels): void {
  const of = Object.hasOwn(counts, event.response) ? counts[event.response] : undefined;
  if (of === undefined || !Object.hasOwn(of.outcomes, event.event)) return;
  if (event.origin !== undefined && isList(event.origin)) return; // a list's entry is not an alert of this host
  increase(of.outcomes, event.event);
  if (event.event === 'blocked') {
    increase(of.blocks, labels.of(event.rule));
    increase(of.classes, classOfEvent(event));
  }
  if (event.answer === 'abort') of.aborts++;
  if (event.answer === 'silence') of.silences++;
  if (Number.isFinite(event.ms) && event.ms >= 0) {
    of.timed++;
    of.milliseconds += event.ms;
  }
}

/** The class of a block in the journal. */
const classOfEvent = ({ rule, origin }: JournalEvent): string =>
  classOfBlock({ rule, origins: origin === undefined ? undefined : { [origin]: null } });

/** The counts by class, from the counts of an earlier version, which counted blocks only by rule. */
export function classesOf(blocks: Readonly<Record<string, number>>): Record<string, number> {
  const classes: Record<string, number> = {};
  for (const [rule, count] of Object.entries(blocks)) {
    const name = classOfRule(rule === 'none' ? undefined : rule);
    classes[name] = (classes[name] ?? 0) + count;
  }
  return classes;
}

// The text before the outcome in OSSEC's form, and before the JSON in Wazuh's. Except for the path, no field before
// the outcome holds a space, so an attacker cannot forge an outcome by the text in a field.
const OSSEC =
  /^\w{3} \w{3} [ \d]\d [\d:]{8} UTC \d+ \/.*?\/([\w-]+)\.js (?:add|delete|-) - \S+ \S+ \S+ refused: /;
const WAZUH = /^\d{4}\/\d\d\/\d\d [\d:]{8} active-response\/bin\/([\w-]+)\.js: (\{.*)$/;

/**
 * Counts a line of active-responses.log if it reports a refused request, because the journal has no refused requests.
 */
export function countRefusal(counts: Counts, line: string): void {
  if (!line.includes('refused')) return;
  const [, json, text = ''] = WAZUH.exec(line) ?? [];
  const response = json === undefined ? OSSEC.exec(line)?.[1] : isRefusal(text) ? json : undefined;
  const of = response !== undefined && Object.hasOwn(counts, response) ? counts[response] : undefined;
  if (of) increase(of.outcomes, 'refused');
}

function isRefusal(json: string): boolean {
  try {
    return JSON.parse(json).riposte?.outcome === 'refused';
  } catch {
    return false;
  }
}
