import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compilePattern, endOf, groupsOf } from '../../../engine/pattern/pattern.ts';

const matches = (pattern: string, text: string, caseless = true) =>
  compilePattern('pcre2', pattern, caseless).test(text, text.toLowerCase());

test('ignores case by default', () => {
  assert.ok(matches('^Failed', 'FAILED password'));
  assert.ok(matches('[a-c]x', 'CX'));
  assert.not(matches('^Failed', 'FAILED', false));
  assert.ok(matches('(?i)^Failed', 'FAILED', false));
  assert.ok(matches('a(?i:b)c', 'aBc', false));
  assert.not(matches('a(?i:b)c', 'aBC', false));
});

test('finds the same matches as JavaScript, with the same ends, in syntax that both support', () => {
  const patterns = [
    '^a',
    'b$',
    'a|b',
    '(a+)b',
    '[^a]c',
    'a{2,3}',
    '\\d+\\.',
    'a.c',
    '(?:ab)*c',
    'a(?=b)',
    '(?<!a)b',
    '\\bb',
  ];
  for (const pattern of patterns) {
    const own = compilePattern('pcre2', pattern);
    const native = new RegExp(pattern, 'gi');
    fc.assert(
      fc.property(fc.stringMatching(/^[abc1. ]{0,8}$/), (text) => {
        native.lastIndex = 0;
        assert.is(own.end(text), native.test(text) ? native.lastIndex : -1, `${pattern} on '${text}'`);
        assert.is(own.test(text, text), own.end(text) >= 0, `${pattern} on '${text}'`);
      }),
    );
  }
});

test('supports the classes of PCRE2 in the C locale', () => {
  assert.ok(matches('^[[:alpha:]]+[[:digit:]]$', 'abc1'));
  assert.ok(matches('^[^[:space:]]$', 'x'));
  assert.ok(matches('^\\h\\H$', '\tx'));
  assert.ok(matches('^[]a]$', ']'));
  assert.ok(matches('^[a\\-z]$', '-'));
  assert.not(matches('^\\w$', '\xe9'));
  assert.ok(matches('^\\Qa.b\\E$', 'a.b'));
  assert.not(matches('^\\Qa.b\\E$', 'axb'));
  assert.ok(matches('\\x41\\x{42}', 'ab'));
});

test('finds a plain text at the start or the end', () => {
  assert.ok(matches('^ab', 'abc'));
  assert.not(matches('^ab', 'cab'));
  assert.ok(matches('ab$', 'cab'));
  assert.ok(matches('^ab$', 'AB'));
  assert.ok(matches('a\\.b', 'xa.bx'));
});

test('skips groups that took no part in a match', () => {
  const match = compilePattern('pcre2', '^by (\\S+)$|^from (\\S+) port (\\d+)$').exec(
    'from 192.0.2.1 port 22',
  );
  assert.ok(match);
  assert.equal(groupsOf(match), ['192.0.2.1', '22']);
  assert.is(endOf(match), 22);
});

test('does not backtrack into a possessive repeat, nor count it as a group', () => {
  assert.not(matches('^a++ab', 'aaab'));
  assert.ok(matches('^a++b', 'aaab'));
  assert.not(matches('^(?:[^"\\\\]|\\\\.)*+x"', 'abx"'));
  const match = compilePattern('pcre2', '^(a)[a-c]*+(?:(d)|.)(e)\\1$').exec('abcdea');
  assert.ok(match);
  assert.equal([...match], ['abcdea', 'a', 'd', 'e']);
  assert.is(endOf(match), 6);
  const repeated = compilePattern('pcre2', '^(?:x[ab]*+(?=[xy]))+(y)').exec('xabxby');
  assert.equal(repeated?.slice(1), ['y']);
});

for (const [what, pattern, reason] of [
  ['a group that is not closed', '(a', /parenthesis/],
  ['a class that is not closed', '[a', /\]/],
  ['a repeat of nothing', '*a', /repeat/],
  ['an atomic group, which JavaScript does not have', '(?>a)', /not supported/],
  ['an unknown escape', '\\Kx', /\\K/],
  ['a range out of order', '[z-a]', /order/],
  ['a backslash at the end', 'a\\', /end/],
] as const) {
  test(`refuses ${what} with the reason`, () => {
    assert.throws(() => compilePattern('pcre2', pattern), reason);
  });
}

test('matches bytes beyond ASCII as bytes', () => {
  assert.ok(matches('^M\xc3\xa4r', 'M\xc3\xa4r'));
});

test.run();
