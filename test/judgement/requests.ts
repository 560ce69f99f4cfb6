import type { Verdict } from '../../judgement/classes.ts';
import type { RequestJudge } from '../../judgement/request-judge.ts';
import type { AccessRecord } from '../../logs/readers/reading.ts';

export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
export const START = Date.parse('2026-11-20T09:00:00Z') / 1000;

/** A request for an existing page; `more` holds the differences. */
export const request = (target: string, more: Partial<AccessRecord> = {}): AccessRecord => ({
  kind: 'access',
  time: undefined,
  client: '203.0.113.7',
  user: '-',
  method: 'GET',
  target,
  version: 'HTTP/1.1',
  status: '200',
  size: '612',
  referer: '-',
  userAgent: BROWSER,
  ...more,
});

/** Judges requests, one each `step` seconds. @returns the verdicts, and the number of requests until the first verdict */
export function judgeAll(
  judge: RequestJudge,
  requests: readonly AccessRecord[],
  step = 1,
  from = START,
): { readonly verdicts: Verdict[]; readonly first: number | undefined } {
  let first: number | undefined;
  const verdicts = requests.flatMap((each, i) => {
    const verdict = judge.judge(each, from + i * step) ?? [];
    if (!Array.isArray(verdict)) first ??= i + 1;
    return verdict;
  });
  return { verdicts, first };
}

/** A number of requests, each made from its index. */
export const times = <T = AccessRecord>(count: number, make: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
