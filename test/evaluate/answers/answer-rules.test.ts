import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, type RiposteError } from '../../../base/errors.ts';
import { builtInSources } from '../../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../../engine/ruleset/ruleset.ts';
import { requireRules } from '../../../evaluate/answers/require-rules.ts';
import { Replayer } from '../../../evaluate/replayer.ts';
import { formatNamed } from '../../../logs/readers/formats.ts';
import { LogReader } from '../../../logs/readers/log-format.ts';
import { request } from '../../lab/access-log.ts';

/*
 * Visitors, too, make the requests that these stock rules count, so Riposte blocks no source unless ANSWER_RULES names
 * the rule.
 */

const START = Date.parse('2026-11-20T09:00:00Z');
const ADDRESS = '203.0.113.9';
const ruleset = loadRuleset(builtInSources('ossec', false));

/** Replays the lines, and returns the rules that blocked a source. */
function blockedBy(lines: readonly string[], answerRules: readonly number[], format = 'combined'): number[] {
  const options = { policy: { trustsPeer: false, proxies: undefined }, now: START / 1000 };
  const log = {
    location: '/var/log/x.log',
    reader: new LogReader(options, { format: formatNamed(format), origin: 'setting', isFirm: true }),
  };
  const replayer = new Replayer(ruleset, 10, START / 1000, {
    trustsErrorLog: true,
    hasErrorLog: format === 'apache-error',
    answerRules: new Set(answerRules),
  });
  for (const line of lines) replayer.next(line.trimEnd(), 0, log);
  return [...replayer.blocks.values()].map(({ rule }) => rule);
}

const times = (count: number, make: (time: number, index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(START + index * 1000, index));

const denial = (time: number) =>
  `[${new Date(time).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+).*/, '$1 $3 $2 $5.123456 $4')}] [security2:error] [pid 1:tid 2] [client ${ADDRESS}:50000] [client ${ADDRESS}] ` +
  'ModSecurity: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:a. [file "/x.conf"] [line "1"] ' +
  '[id "949110"] [msg "m"] [hostname "h"] [uri "/"] [unique_id "abcdefghijklmnopqrstuvwx"]';

const VISITS: readonly [what: string, rule: number, lines: readonly string[], format?: string][] = [
  ['an expired session that polls', 31151, times(30, (time) => request(ADDRESS, '/api/news', 401, time))],
  [
    'a shop’s cart',
    31533,
    times(12, (time) => request(ADDRESS, '/cart/change.js', 200, time).replace('GET', 'POST')),
  ],
  ['a broken application', 31162, times(20, (time, index) => request(ADDRESS, `/cart/${index}`, 500, time))],
  [
    'a search for words of SQL',
    31152,
    times(10, (time) => request(ADDRESS, '/?s=select+a+union+where+from', 301, time)),
  ],
  ['a long address', 31115, [request(ADDRESS, `/login?to=${'x'.repeat(8000)}`, 200, START)]],
  ['denials in an error log', 30412, times(12, denial), 'apache-error'],
];

for (const [what, rule, lines, format] of VISITS) {
  test(`blocks nobody for ${what}`, () => {
    assert.equal(blockedBy(lines, [], format), []);
  });

  test(`blocks for ${what} when ANSWER_RULES names ${rule}`, () => {
    assert.equal(blockedBy(lines, [rule], format), [rule]);
  });
}

test('refuses a rule in ANSWER_RULES that does not exist', () => {
  const refused = (...ids: string[]) => {
    try {
      requireRules(ids, ruleset);
    } catch (error) {
      return (error as RiposteError).exitCode === EX.CONFIG ? (error as Error).message : 'another exit code';
    }
    return undefined;
  };
  assert.is(refused(), undefined);
  assert.is(refused('31151', '117103'), undefined);
  assert.match(
    refused('31151', '999999') ?? '',
    /^ANSWER_RULES names rule 999999, but there is no such rule/,
  );
});

test.run();
