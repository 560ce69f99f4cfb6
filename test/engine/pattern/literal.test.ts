import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { requiredTexts } from '../../../engine/pattern/literal.ts';
import { parsePcre2 } from '../../../engine/pattern/parse-pcre2.ts';
import { compilePattern } from '../../../engine/pattern/pattern.ts';
import { someRuns } from '../../runner/share.ts';

const test = suite('texts that every match contains');

for (const [pattern, texts] of [
  ['zmeu', ['zmeu']],
  ['" 404 .*sqlmap', ['" 404 ']],
  ['GET /(?:a|b)dmin', ['GET /admin', 'GET /bdmin']],
  [' (?:https?|ftp)://', [' http://', ' https://', ' ftp://']],
  ['[a-z]+ (?:\\S*proxytest|\\S*/azenv\\d?)', ['proxytest', '/azenv']],
  ['jndi(?:x|y.*|z)', ['jndi']],
  ['(?:ab)+c?', ['ab']],
  ['(?=abc)x(?!def)', ['x']],
  ['colou?r', ['color', 'colour']],
  ['a{3,}bc', ['bc']],
  ['(?:ab|)', []],
  ['(?:foo|.*)', []],
  ['[ab]*', []],
] as const) {
  test(`finds ${JSON.stringify(texts)} in ${pattern}`, () => {
    assert.equal([...requiredTexts(parsePcre2(pattern, false))].sort(), [...texts].sort());
  });
}

test('finds at most 16 texts', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'].join('|');
  assert.equal(requiredTexts(parsePcre2(`(?:${letters})(?:${letters})xyz`, false)), ['xyz']);
});

/** Patterns of few letters, so that generated subjects match. */
const piece = fc.constantFrom(
  'a',
  'b',
  'abc',
  'bca',
  '(?:abc|bab)',
  '(?:ab|ba)?',
  'c+',
  '[ab]',
  '.*',
  '\\bc',
  '(?=a)',
  '(a|bcb|c?)',
);
const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const subject = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 });

test('finds a required text in every subject that matches, and matches as RegExp does', () => {
  fc.assert(
    fc.property(pattern, subject, (source, text) => {
      const isMatch = new RegExp(source).test(text);
      const texts = requiredTexts(parsePcre2(source, false));
      if (isMatch && texts.length > 0)
        assert.ok(
          texts.some((each) => text.includes(each)),
          source,
        );
      assert.is(compilePattern('pcre2', source, false).test(text, text.toLowerCase()), isMatch, source);
    }),
    { numRuns: someRuns(20_000) },
  );
});

test.run();
