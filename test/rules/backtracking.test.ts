import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import { assertLinear, cpuTimeOf } from '../linear-time.ts';
import { someOf } from '../runner/share.ts';
import { regexOf } from './pcre2.ts';
import { blocks } from './xml.ts';

/* An attacker chooses the URL, the referer and the user agent, so no pattern may take long for any of these texts.
   Each pattern reads long texts that repeat a fragment: a text that patterns look for, a text that they skip, or a word
   of the pattern itself. A text has 16 KB. If a pattern is slow on it, the pattern also reads 64 KB. */

const LENGTHS = [16 * 1024, 64 * 1024] as const;

const FRAGMENTS = [
  'a',
  '/',
  '/a',
  '%',
  '%2f',
  ' ',
  '+',
  '.',
  '1',
  ':',
  ',',
  '1.',
  '1,',
  'a:',
  '\\"',
  '" "',
  '"a ',
  '[',
  '(',
  ';',
];

/**
 * The number of words of one pattern that are tried. A pattern of the list of attacks has hundreds of words, which are
 * all alike.
 */
const MOST_WORDS = 6;

const wordsOf = (pattern: string) => {
  const found = [...pattern.replace(/\\[a-z]/g, ' ').matchAll(/[a-z/][a-z/ .:=-]{2,}/gi)];
  const step = Math.ceil(found.length / MOST_WORDS);
  return found.filter((_, index) => index % step === 0).map(([word]) => word);
};

/** A long text alone, and at the places where an attacker can put it in a line of an access log. */
const PLACES: readonly ((long: string) => string)[] = [
  (long) => long,
  (long) => `/${long}`,
  (long) => `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET /${long} HTTP/1.1" 404 1 "-" "a"`,
  (long) => `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404 1 "-" "${long}"`,
  (long) => `${long} 10.0.0.5 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404 1 "-" "a"`,
];

/** Asserts that a pattern reads each long text in a time in proportion to its length. */
function assertFast(pattern: string, where: string): void {
  const regex = regexOf(pattern);
  for (const fragment of someOf([...FRAGMENTS, ...wordsOf(pattern)]))
    for (const [index, place] of PLACES.entries()) {
      const textOf = (length: number) => place(fragment.repeat(Math.ceil(length / fragment.length)));
      const time = (length: number) => {
        const text = textOf(length);
        return cpuTimeOf(() => regex.test(text));
      };
      assertLinear(LENGTHS, time, `${where} on ${fragment}, repeated, in place ${index}`);
    }
}

for (const [folder, tag] of [
  ['rules', 'rule'],
  ['decoders', 'decoder'],
] as const) {
  test(`reads a long request fast by every pattern in ${folder}/`, () => {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.xml'))) {
      for (const { attributes, elements } of blocks(readFileSync(`${folder}/${name}`, 'utf8'), tag)) {
        for (const [element, pattern] of Object.entries(elements).filter(([key]) => key.endsWith('pcre2'))) {
          assertFast(pattern, `${attributes.id ?? attributes.name} ${element}`);
        }
      }
    }
  });
}

test.run();
