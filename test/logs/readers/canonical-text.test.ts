import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bytesFromHex,
  bytesFromLog,
  textFromBytes,
  textFromLog,
  wordFromBytes,
  wordFromLog,
} from '../../../logs/readers/canonical-text.ts';
import { hostileText } from './hostile.ts';
import { apacheEscape, nginxEscape, nginxJsonEscape } from './render.ts';

for (const [logged, word] of [
  ['', ''],
  ['-', '-'],
  ['/a?b=1&c=~', '/a?b=1&c=~'],
  ['a b', 'a\\x20b'],
  ['a\\"b', 'a\\x22b'],
  ['a\\\\b', 'a\\x5cb'],
  ['\\n\\t\\r\\b\\v\\f', '\\x0a\\x09\\x0d\\x08\\x0b\\x0c'],
  ['\\x1F\\xe9\\x22', '\\x1f\\xe9\\x22'],
  ['\\x41\\x20', 'A\\x20'],
  ['\\u001F\\u0041', '\\x1fA'],
  ['\xe9\x7f', '\\xe9\\x7f'],
  // A backslash that begins no escape stands for itself.
  ['\\', '\\x5c'],
  ['a\\', 'a\\x5c'],
  ['\\q', '\\x5cq'],
  ['\\x', '\\x5cx'],
  ['\\xg1', '\\x5cxg1'],
  ['\\x1', '\\x5cx1'],
  ['\\u00', '\\x5cu00'],
  ['\\u1234', '\\x5cu1234'],
] as const) {
  test(`writes the logged text ${JSON.stringify(logged)} as ${word}`, () =>
    assert.is(wordFromLog(logged), word));
}

test('keeps spaces in texts, but not in words', () => {
  assert.is(textFromLog('a b\\n'), 'a b\\x0a');
  assert.is(textFromBytes('a b\n'), 'a b\\x0a');
  assert.is(wordFromBytes('a b\n'), 'a\\x20b\\x0a');
});

test('writes characters above U+00FF as their UTF-8 bytes', () => {
  assert.is(wordFromBytes('“ü”'), '\\xe2\\x80\\x9c\\xfc\\xe2\\x80\\x9d');
  assert.is(wordFromBytes('a😀'), 'a\\xf0\\x9f\\x98\\x80');
  assert.is(wordFromBytes('\ud800'), '\\xef\\xbf\\xbd');
});

for (const [server, escapeText] of [
  ['Apache', apacheEscape],
  ['nginx', nginxEscape],
  ['nginx with escape=json', nginxJsonEscape],
] as const) {
  test(`reads back the bytes that ${server} has escaped`, () => {
    fc.assert(
      fc.property(hostileText, (bytes) => {
        const logged = escapeText(bytes);
        assert.is(bytesFromLog(logged), bytes);
        assert.is(wordFromLog(logged), wordFromBytes(bytes));
        assert.is(textFromLog(logged), textFromBytes(bytes));
      }),
      { numRuns: 1000 },
    );
  });
}

test('writes printable ASCII without quotes, and backslashes only before x', () => {
  fc.assert(
    fc.property(fc.oneof(hostileText, fc.string({ unit: 'binary' })), (text) => {
      for (const write of [wordFromLog, wordFromBytes])
        assert.match(write(text), /^(?:[!#-[\]-~]|\\x[0-9a-f]{2})*$/);
      for (const write of [textFromLog, textFromBytes])
        assert.match(write(text), /^(?:[ !#-[\]-~]|\\x[0-9a-f]{2})*$/);
    }),
  );
});

test('writes a long text of odd bytes whole, and short texts after it', () => {
  const long = '\xff'.repeat(1 << 20);
  assert.is(wordFromLog(long), '\\xff'.repeat(1 << 20));
  assert.is(wordFromBytes('“'.repeat(1 << 18)), '\\xe2\\x80\\x9c'.repeat(1 << 18));
  assert.is(wordFromLog('a b'), 'a\\x20b');
});

for (const [text, sign, bytes] of [
  ['', '%', ''],
  ['/a b', '%', '/a b'],
  ['%41%4a%4Ab', '%', 'AJJb'],
  ['a%2520%', '%', 'a%20%'],
  ['%%41%4g%4', '%', '%A%4g%4'],
  ['#22%41#2#23', '#', '"%41#2#'],
  ['\xe9%e9', '%', '\xe9\xe9'],
] as const) {
  test(`decodes the bytes of ${text}`, () => assert.is(bytesFromHex(text, sign), bytes));
}

test.run();
