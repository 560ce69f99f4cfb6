import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compilePattern, groupsOf } from '../../../engine/pattern/pattern.ts';

const regex = (pattern: string, text: string) =>
  compilePattern('osregex', pattern).test(text, text.toLowerCase());
const match = (pattern: string, text: string) =>
  compilePattern('osmatch', pattern).test(text, text.toLowerCase());

test('supports the classes of OS_Regex', () => {
  assert.ok(regex('^\\w+$', 'user@host-1_a'));
  assert.not(regex('^\\w+$', 'a.b'));
  assert.ok(regex('^\\d\\d$', '42'));
  assert.ok(regex('a\\sb', 'a b'));
  assert.not(regex('a\\sb', 'a\tb'));
  assert.ok(regex('^\\p\\p$', '()'));
  assert.ok(regex('^a\\.+b$', 'a - . b'));
});

test('takes a single dot, bracket, plus or star literally', () => {
  assert.ok(regex('a.b', 'a.b'));
  assert.not(regex('a.b', 'axb'));
  assert.ok(regex('a+b*[c]?', 'A+B*[C]?'));
});

test('makes only the last repeat greedy', () => {
  const found = compilePattern('osregex', '^(\\S+) \\.*x(\\d*)').exec('abc x1 x22');
  assert.ok(found);
  assert.equal(groupsOf(found), ['abc', '1']);
});

test('refuses an unknown escape and a pattern of more than 2,048 bytes', () => {
  assert.throws(() => compilePattern('osregex', 'a\\q'), /OS_Regex/);
  assert.throws(() => compilePattern('osregex', 'a'.repeat(2049)), /2049 bytes/);
});

test('supports only anchors and alternatives in OS_Match', () => {
  assert.ok(match('foo|^bar|baz$', 'x FOO'));
  assert.ok(match('foo|^bar|baz$', 'bar x'));
  assert.not(match('foo|^bar|baz$', 'x bar'));
  assert.ok(match('foo|^bar|baz$', 'x baz'));
  assert.ok(match('a.*(b)\\', 'A.*(B)\\'));
  assert.ok(match('', 'anything'));
});

test.run();
