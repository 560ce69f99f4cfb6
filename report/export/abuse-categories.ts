import { ANSWERS, type AnswerClass } from '../../evaluate/answers/answer-table.ts';

/** AbuseIPDB's categories (https://www.abuseipdb.com/categories), by the class of a rule. */
const BY_CLASS: Readonly<Record<AnswerClass, string>> = {
  unmistakable: '21',
  severe: '15,21',
  probes: '21',
  burst: '21',
  'robot burst': '19',
  logins: '18,21',
  'open proxy': '21',
  honeytrap: '14',
  denial: '21',
  'pingback spam': '10',
  'alert of serve': '21',
  'only counted': '21',
};

/** Scanners by their user agent. */
const BAD_BOT = 117040;

/** The ranges of the managers' stock rules. */
const BY_RANGE: readonly (readonly [from: number, to: number, categories: string])[] = [
  [5700, 5799, '18,22'],
  [30100, 31999, '21'],
];

/** The categories for a rule's alert; undefined if nothing is known about the rule, or there is no rule. */
export function categoriesOf(rule: string | undefined): string | undefined {
  const id = Number(rule ?? Number.NaN);
  if (id === BAD_BOT) return '19,21';
  const answer = ANSWERS.find((each) => each.rule === id);
  return answer ? BY_CLASS[answer.class] : BY_RANGE.find(([from, to]) => id >= from && id <= to)?.[2];
}
