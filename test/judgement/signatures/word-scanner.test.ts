import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WordScanner } from '../../../judgement/signatures/word-scanner.ts';

function found(words: readonly string[], text: string): string[] {
  const indices = new Set<number>();
  new WordScanner(words).collect(text, indices);
  return [...indices].sort().map((index) => words[index] ?? '');
}

test('finds words that overlap, and words inside of words', () => {
  assert.equal(found(['he', 'she', 'his', 'hers'], 'ushers'), ['he', 'she', 'hers']);
});

test('finds words without regard to case', () => {
  assert.equal(found(['/.env'], '/.ENV'), ['/.env']);
});

test('finds no word across a character that is not ASCII', () => {
  assert.equal(found(['ab'], 'a\u00ffb'), []);
});

test('finds the same words as a search for each word', () => {
  const text = fc.stringMatching(/^[ab/.]{0,30}$/);
  const words = fc.uniqueArray(fc.stringMatching(/^[ab/.]{1,4}$/), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(words, text, (words, text) => {
      const expected = words.filter((word) => text.includes(word));
      assert.equal(found(words, text).sort(), expected.sort());
      assert.is(new WordScanner(words).hasAny(text, 0, text.length), expected.length > 0);
    }),
  );
});

test('looks only between the given start and end', () => {
  const scanner = new WordScanner(['abc']);
  assert.is(scanner.hasAny('xabcx', 0, 3), false);
  assert.is(scanner.hasAny('xabcx', 2, 5), false);
  assert.is(scanner.hasAny('xabcx', 1, 4), true);
});

test.run();
