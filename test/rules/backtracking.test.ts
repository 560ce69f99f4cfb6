import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { someOf } from '../runner/share.ts';
import { regexOf } from './pcre2.ts';
import { blocks } from './xml.ts';

/* An attacker chooses the URL, the referer and the user agent: no pattern may take long over any of them.
   Each runs on 64 KB of what it looks for, of what it skips, and of its own words, repeatedly. */

const SIZE = 64 * 1024;
/** Generous: a pattern whose time grows with the square of the length takes many times that. */
const LIMIT_MS = 500;

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

const wordsOf = (pattern: string) =>
  [...pattern.replace(/\\[a-z]/g, ' ').matchAll(/[a-z/][a-z/ .:=-]{2,}/gi)].map(([word]) => word);

/** A long text alone, and where an attacker can put it in a line of an access log. */
function* hostile(pattern: string): Generator<string> {
  for (const fragment of someOf([...FRAGMENTS, ...wordsOf(pattern)])) {
    const long = fragment.repeat(Math.ceil(SIZE / fragment.length));
    yield long;
    yield `/${long}`;
    yield `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET /${long} HTTP/1.1" 404 1 "-" "a"`;
    yield `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404 1 "-" "${long}"`;
    yield `${long} 10.0.0.5 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404 1 "-" "a"`;
  }
}

/** True when it takes too long each time: once may be the machine's fault. */
function isSlow(regex: RegExp, text: string): boolean {
  return Array.from({ length: 5 }).every(() => {
    const start = performance.now();
    regex.test(text);
    return performance.now() - start >= LIMIT_MS;
  });
}

for (const [folder, tag] of [
  ['rules', 'rule'],
  ['decoders', 'decoder'],
] as const) {
  test(`reads a long request fast by every pattern in ${folder}/`, () => {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.xml'))) {
      for (const { attributes, elements } of blocks(readFileSync(`${folder}/${name}`, 'utf8'), tag)) {
        for (const [element, pattern] of Object.entries(elements).filter(([key]) => key.endsWith('pcre2'))) {
          const regex = regexOf(pattern);
          for (const text of hostile(pattern)) {
            const where = `${attributes.id ?? attributes.name} ${element}`;
            assert.not(isSlow(regex, text), `${where}: over ${LIMIT_MS} ms on ${text.slice(0, 90)}...`);
          }
        }
      }
    }
  });
}

test.run();
