import { ANSWERS, type AnswerClass } from './answer-table.ts';
import { ruleDescriptions } from './rule-descriptions.ts';

/** The contents of a report to AbuseIPDB about an alert. */
export interface AbuseReport {
  /** The numbers of categories, with commas between them. */
  readonly categories: string;
  /** Contains nothing of the request, the log or this host, because these may contain names and addresses of users. */
  readonly comment: string;
}

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
const BY_RANGE: readonly (readonly [from: number, to: number, categories: string, what: string])[] = [
  [5700, 5799, '18,22', 'failed logins by SSH'],
  [30100, 31999, '21', 'attack on a web server'],
];

/** AbuseIPDB cuts a comment at 1,024 bytes. */
const LONGEST_COMMENT = 1000;

/**
 * Returns a function that makes the report for a rule's alert. The function returns undefined for an alert without a
 * rule, and for a rule without categories of AbuseIPDB. `abuseReporter` reads the rules' descriptions once, before it
 * returns that function.
 */
export function abuseReporter(): (rule: string | undefined) => AbuseReport | undefined {
  const descriptions = ruleDescriptions();
  return (rule) => {
    const id = Number(rule ?? Number.NaN);
    const [, , ofRange, what = 'attack on a web server'] =
      BY_RANGE.find(([from, to]) => id >= from && id <= to) ?? [];
    const categories = categoriesOf(id) ?? ofRange;
    if (categories === undefined) return undefined;
    const comment = `Riposte: ${descriptions.get(String(id)) ?? what} (rule ${id})`;
    return { categories, comment: comment.slice(0, LONGEST_COMMENT) };
  };
}

function categoriesOf(id: number): string | undefined {
  if (id === BAD_BOT) return '19,21';
  const answer = ANSWERS.find((each) => each.rule === id);
  return answer && BY_CLASS[answer.class];
}
