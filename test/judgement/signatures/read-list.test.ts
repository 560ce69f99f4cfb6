import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requiredWord } from '../../../judgement/signatures/patterns.ts';
import { readList } from '../../../judgement/signatures/read-list.ts';

const read = (text: string) => readList([{ name: 'list/a.txt', text }]);

test('reads lines between comments and empty lines', () => {
  const { signatures, exceptions } = read(
    '# about\n\nsecret  path  **/.a.b  A product  CVE-2021-1\nharmless  path  /ccc/**  C  why\n',
  );
  assert.equal(
    signatures.map(({ signature }) => signature),
    [
      {
        class: 'unmistakable',
        kind: 'path',
        pattern: '**/.a.b',
        product: 'A product',
        isSevere: false,
        isSecret: true,
        isConsole: false,
        reference: 'CVE-2021-1',
      },
    ],
  );
  assert.equal(
    exceptions.map(({ class: name, pattern }) => [name, pattern]),
    [['harmless', '/ccc/**']],
  );
});

for (const [line, reason] of [
  ['probe  path  /abc  A', 'has 4 columns instead of 5'],
  ['probe path  /abc  A  why', 'has 4 columns instead of 5'],
  ['probe  path  /abc  A  why  more', 'has 6 columns instead of 5'],
  ['likely  path  /abc  A  why', "unknown class 'likely'"],
  ['probe  url  /abc  A  why', "unknown kind 'url'"],
  ['harmless  agent  abc  A  why', 'must be of kind path'],
  ['console  agent  abc  A  why', 'must be of kind path'],
  ['probe  path  abc  A  why', "must begin with '/' or '**/'"],
  ['probe  path  /Abc  A  why', 'must be in lower case'],
  ['probe  path  /abc?D=e  A  why', 'must be in lower case'],
  ['probe  path  /abc/  A  why', 'or end with a slash'],
  ['probe  path  /abc//d  A  why', 'double slashes'],
  ['probe  path  /abc/../d  A  why', 'dot segments'],
  ['probe  path  /a  A  why', 'needs three plain characters'],
  ['probe  path  **/*/**  A  why', 'needs three plain characters'],
  ['probe  payload  abc|def  A  why', 'an alternative outside of a group'],
  ['probe  payload  (?:abc|def)  A  why', 'needs three plain characters'],
  ['probe  payload  abc(  A  why', 'Invalid regular expression'],
  ['probe  agent  Abc  A  why', 'lower case'],
] as const) {
  test(`refuses '${line}' with its file and line`, () => {
    assert.throws(
      () => read(`probe  path  /right  A  why\n${line}\n`),
      (error: Error) => error.message.startsWith('list/a.txt:2: ') && error.message.includes(reason),
    );
  });
}

test('refuses a pattern that an earlier line has', () => {
  assert.throws(
    () => read('probe  path  /abc  A  why\nsecret  path  /abc  B  why'),
    /a\.txt:2: .*earlier line/,
  );
});

for (const [source, word] of [
  ['abc', 'abc'],
  ['ab\\.cd', 'ab.cd'],
  ['abc\\s+defg', 'defg'],
  ['abcd?ef', 'abc'],
  ['abcd*ef', 'abc'],
  ['abcd{0,3}ef', 'abc'],
  ['ab+cd', 'ab'],
  ['a(?:bcdef|g)hij', 'hij'],
  ['a[bcdef]ghi', 'ghi'],
  ['a[)\\]]bcd', 'bcd'],
  ['a\\x00bcd', 'bcd'],
  ['ab cde', 'cde'],
  ['(?<!a[)b])cde$', 'cde'],
] as const) {
  test(`takes '${word}' as the required word of /${source}/`, () => assert.is(requiredWord(source), word));
}

test.run();
