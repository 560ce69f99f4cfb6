import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printable } from '../../base/printable.ts';
import { isPrintable } from '../active-response/support.ts';

test('leaves plain text of any language unchanged', () => {
  for (const text of ['', 'add - 203.0.113.9', 'Grüße, 世界, 🎉', 'back\\slash "quoted"']) {
    assert.is(printable(text), text);
    assert.ok(isPrintable(text));
  }
});

test('escapes characters that break a line, move a cursor or reverse the text', () => {
  for (const [text, escaped] of [
    ['a\nb', 'a\\u000ab'],
    ['a\r\nb', 'a\\u000d\\u000ab'],
    ['\u001b[2J', '\\u001b[2J'],
    ['\u0000', '\\u0000'],
    ['tab\there', 'tab\\u0009here'],
    ['\u007f\u0080\u009b', '\\u007f\\u0080\\u009b'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['\u202eevil\u202c', '\\u202eevil\\u202c'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
    ['\u200e\u200f\ufeff', '\\u200e\\u200f\\ufeff'],
  ] as const) {
    assert.is(printable(text), escaped);
    assert.not(isPrintable(text));
  }
});

test('escapes every bidirectional control of Unicode', () => {
  const controls = [
    '\u061c',
    '\u200e',
    '\u200f',
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  ];
  assert.equal(
    controls.filter(isPrintable).map((control) => control.charCodeAt(0).toString(16)),
    [],
  );
});

test('cuts a long text visibly', () => {
  assert.is(printable('x'.repeat(200)), 'x'.repeat(200));
  assert.is(printable('x'.repeat(201)), `${'x'.repeat(200)}…`);
  assert.is(printable('abcdef', 3), 'abc…');
});

test('returns one printable line of limited length for any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 1, max: 100 }),
      (text, limit) => {
        const line = printable(text, limit);
        assert.ok(isPrintable(line));
        assert.is(line.split(/[\r\n\u2028\u2029\u0085]/).length, 1);
        assert.ok(line.length <= limit * 6 + 1);
      },
    ),
    { numRuns: 5000 },
  );
});

test('returns the same result when called twice', () => {
  assert.not(isPrintable('bad\n'));
  assert.not(isPrintable('bad\n'));
  assert.ok(isPrintable('good'));
});

test.run();
