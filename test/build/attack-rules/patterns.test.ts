import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pathPattern } from '../../../build/attack-rules/path-tokens.ts';
import { headerTokens, rawTokens } from '../../../build/attack-rules/raw-pattern.ts';
import { ruleXml } from '../../../build/attack-rules/rule-xml.ts';
import { chunked, merged } from '../../../build/attack-rules/token-trie.ts';
import { regexOf } from '../../rules/pcre2.ts';

const raw = (source: string) => regexOf(`^${rawTokens(source).join('')}`);
const path = (pattern: string, isSpelt = false) =>
  regexOf(`^${pathPattern(pattern, isSpelt).tokens.join('')}`);

test('finds a character that is percent-encoded once or twice', () => {
  const found = raw('\\.\\./etc/passwd');
  for (const text of [
    '../etc/passwd',
    '%2e%2E%2fetc%2Fpasswd',
    '%252e.%252fetc/passwd',
    '..%c0%afetc/passwd',
  ])
    assert.ok(found.test(text), text);
  assert.not.ok(found.test('.a/etc/passwd'));
});

test('finds a space in each form', () => {
  for (const text of ['cd /tmp', 'cd+/tmp', 'cd%20/tmp', 'CD%09/tmp', 'cd%2520/tmp'])
    assert.ok(raw('cd\\s+/tmp').test(text), text);
});

test('keeps counts, classes and look-arounds', () => {
  assert.ok(raw('md5\\(\\d{1,3}\\)(?![\\w.])').test('md5%28123%29'));
  assert.not.ok(raw('md5\\(\\d{1,3}\\)(?![\\w.])').test('md5(123)a'));
  assert.ok(raw('[^a-z]{2}x').test('12x'));
});

test('finds no percent-encoded characters in a header', () => {
  const found = regexOf(headerTokens('\\$\\{jndi:').join(''));
  assert.ok(found.test('${jndi:'));
  assert.not.ok(found.test('%24{jndi:'));
});

test('writes no character that has a meaning in XML', () => {
  assert.not.match([...rawTokens('<a$&"'), ...headerTokens('<a$&')].join(''), /[<>&$]/);
});

test('finds a path in each spelling that servers accept', () => {
  for (const url of ['/.env', '//.env', '/a/.env', '/.env/', '/.env?x=1', '/.env;x', '/.env%20', '/..;/.env'])
    assert.ok(path('**/.env').test(url), url);
  for (const url of ['/.environment', '/a?b=/.env', '/env']) assert.not.ok(path('**/.env').test(url), url);
  assert.ok(path('**/.env', true).test('/.%65n%2576'));
});

test('finds a path only at the start, or after /../ or a host name', () => {
  for (const url of ['/hnap1/', 'http://www.example.org/HNAP1', '/a/../hnap1', '/a/%2e%2e/hnap1/x'])
    assert.ok(path('/hnap1/**').test(url), url);
  assert.not.ok(path('/hnap1/**').test('/docs/hnap1/'));
});

test('finds a program with any path after its name', () => {
  assert.ok(path('/a/setup.php').test('/a/setup.php/x'));
  assert.not.ok(path('/a/setup').test('/a/setup/x'));
});

test('finds a text of the query, whether or not it is encoded', () => {
  for (const url of ['/a?x=1&jsp=/app/rest', '/b?jsp=%2Fapp%2frest'])
    assert.ok(path('**?jsp=/app/rest').test(url), url);
  assert.not.ok(path('**?jsp=/app/rest').test('/jsp=/app/rest'));
});

test('writes the common beginning of patterns once', () => {
  assert.is(merged([[...'abc'], [...'abd']]), 'ab(?:c|d)');
  assert.is(merged([[...'ab'], [...'abc']]), 'ab');
  assert.is(
    merged(
      [
        [...'ab', '!'],
        [...'abc', '!'],
        [...'x', '?'],
      ],
      ['!'],
    ),
    '(?:ab(?:c)?!|x?)',
  );
});

test('starts another expression when a single expression would be too long', () => {
  const chunks = chunked([[...'aaaa'], [...'bbbb'], [...'cccc']], 14);
  assert.equal(chunks, ['(?:aaaa|bbbb)', 'cccc']);
  assert.throws(() => chunked([[...'aaaa']], 3), /aaaa is too long/);
});

test('splits a long pattern into elements that OSSEC accepts, and refuses a longer pattern', () => {
  const rule = (length: number) =>
    ruleXml({
      id: 1,
      level: 1,
      parents: [31100],
      elements: [['url_pcre2', `${'a|'.repeat(length / 2)}b`]],
      description: 'x',
    });
  const pieces = [...rule(3800).matchAll(/<url_pcre2>(.*)<\/url_pcre2>/g)].map(
    ([, piece = '']) => piece.length,
  );
  assert.ok(pieces.length === 2 && pieces.every((length) => length < 2048));
  assert.throws(() => rule(4200), /too long for OSSEC/);
});

test.run();
