import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backtrackingDegree } from '../../../engine/pattern/backtracking-degree.ts';
import { parsePcre2 } from '../../../engine/pattern/parse-pcre2.ts';
import { compilePattern } from '../../../engine/pattern/pattern.ts';

const degree = (pattern: string) => backtrackingDegree(parsePcre2(pattern, true));

for (const pattern of [
  '(a+)+b',
  '(a|a)*b',
  '(\\w+\\s?)*$',
  '(?:a|ab|b)*c',
  '^(\\d+.)+x',
  '((ab)*)*c',
  '(.*,)*x',
  '(a*)*b',
]) {
  test(`refuses ${pattern}, whose work grows exponentially`, () => {
    assert.is(degree(pattern), Infinity);
    assert.throws(() => compilePattern('pcre2', pattern), /catastrophic/);
  });
}

for (const [pattern, expected] of [
  ['^abc$', 1],
  ['abc', 1],
  ['^\\S+ \\S+ \\[', 1],
  ['^(?:\\w+ )+x', 1],
  ['^(\\d+\\.)+x', 1],
  ['\\S+foo', 2],
  ['^.*a.*b', 2],
  ['.*a.*b', 3],
  ['^a.*', 1],
] as const) {
  test(`finds that the work of ${pattern} grows with the length to the power of ${expected}`, () => {
    assert.is(degree(pattern), expected);
  });
}

test('matches only the beginning of a long subject when the work grows with the square of the length', () => {
  const pattern = compilePattern('pcre2', '\\S+foo');
  assert.ok(pattern.test(`${'a'.repeat(1000)}foo`, `${'a'.repeat(1000)}foo`));
  assert.not(pattern.test(`${'a'.repeat(60_000)}foo`, `${'a'.repeat(60_000)}foo`));
});

test.run();
