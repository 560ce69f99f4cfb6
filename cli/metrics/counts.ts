import type { JournalEvent } from '../../active-response/journal.ts';
import type { Outcome } from '../../active-response/outcome.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { RuleLabels } from './rule-labels.ts';

/** Every way in which a request ends. */
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

/** The same for the hook that tells people: what it has is messages. */
const MAIL_WORDS = ['spooled', 'sent', 'refused', 'failed'] as const satisfies readonly Outcome['word'][];

/** What one response has done since Riposte counts. */
export interface ResponseCounts {
  readonly outcomes: Record<string, number>;
  /** Of the outcome blocked, by the label of the rule. */
  readonly blocks: Record<string, number>;
  aborts: number;
  silences: number;
  /** How many outcomes told how long they took, and how long that was together. */
  timed: number;
  milliseconds: number;
}

/** By the response's name. */
export type Counts = Record<string, ResponseCounts>;

/** Counts of 0 for each response: a counter that begins with its first event hides that one from Prometheus. */
export const noCounts = (): Counts =>
  Object.fromEntries(
    [
      ...RESPONSES.map(({ name }) => ({ name, words: WORDS })),
      { name: 'email-alert', words: MAIL_WORDS },
    ].map(({ name, words }) => [
      name,
      {
        outcomes: Object.fromEntries(words.map((word) => [word, 0])),
        blocks: {},
        aborts: 0,
        silences: 0,
        timed: 0,
        milliseconds: 0,
      },
    ]),
  );

/** The labels of rules that these counts have. */
export const labelsIn = (counts: Counts): RuleLabels =>
  new RuleLabels(Object.values(counts).flatMap(({ blocks }) => Object.keys(blocks)));

/** Adds an event of the journal. What is none of ours, as the file has been edited, does not count. */
export function countEvent(counts: Counts, event: JournalEvent, labels: RuleLabels): void {
  const of = Object.hasOwn(counts, event.response) ? counts[event.response] : undefined;
  if (of === undefined || !Object.hasOwn(of.outcomes, event.event)) return;
  increase(of.outcomes, event.event);
  if (event.event === 'blocked') increase(of.blocks, labels.of(event.rule));
  if (event.answer === 'abort') of.aborts++;
  if (event.answer === 'silence') of.silences++;
  if (Number.isFinite(event.ms) && event.ms >= 0) {
    of.timed++;
    of.milliseconds += event.ms;
  }
}

// What OSSEC's form has before the outcome, and what Wazuh's has before its JSON. No field of ours holds a space,
// except the path; so nobody can have a line of another outcome counted by what he writes into a field.
const OSSEC =
  /^\w{3} \w{3} [ \d]\d [\d:]{8} UTC \d+ \/.*?\/([\w-]+)\.js (?:add|delete|-) - \S+ \S+ \S+ refused: /;
const WAZUH = /^\d{4}\/\d\d\/\d\d [\d:]{8} active-response\/bin\/([\w-]+)\.js: (\{.*)$/;

/** Adds a line of active-responses.log if it is of a refused request, which the journal does not have. */
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

function increase(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
