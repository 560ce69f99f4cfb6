import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodedTarget } from '../../../judgement/target/decoded-target.ts';

for (const [written, path] of [
  ['/a/b', '/a/b'],
  ['/', '/'],
  ['/A/B', '/a/b'],
  ['/a/b/', '/a/b'],
  ['/a/b?c=d', '/a/b'],
  ['/a/%62', '/a/b'],
  ['/a/%2562', '/a/b'],
  ['/a%2fb', '/a/b'],
  ['/a%252fb', '/a/b'],
  ['/%%36%31/b', '/a/b'],
  ['/a/%u0062', '/a/b'],
  ['/a%u2215b', '/a/b'],
  ['/a/%uff42', '/a/b'],
  ['/a%c0%afb', '/a/b'],
  ['/a%e0%80%afb', '/a/b'],
  ['/a%25c0%25afb', '/a/b'],
  ['/x/%c0%ae%c0%ae/a/b', '/a/b'],
  ['//a///b', '/a/b'],
  ['/a/./b/.', '/a/b'],
  ['/x/../a/b', '/a/b'],
  ['/../../a/b', '/a/b'],
  ['/x/..;/a/b', '/a/b'],
  ['/x/..;y=1/a/b', '/a/b'],
  ['/x/%2e%2e%3b/a/b', '/a/b'],
  ['/a;jsessionid=1/b;x', '/a/b'],
  ['/a/b%00', '/a/b'],
  ['/a/b%00.jpg', '/a/b'],
  ['/a/b#c', '/a/b'],
  ['/a/b#?c', '/a/b'],
  ['/a/b%20', '/a/b'],
  ['/a/b...', '/a/b'],
  ['/a./b.', '/a/b'],
  ['/a/b::$DATA', '/a/b'],
  ['/a\\x5cb', '/a/b'],
  ['/x\\x5c..\\x5ca/b', '/a/b'],
  ['/a/b%5c', '/a/b'],
  ['http://www.example.org/a/b', '/a/b'],
  ['HTTPS://www.example.org:8443/a/b?c', '/a/b'],
  ['http://www.example.org', '/'],
  ['http://www.example.org?c', '/'],
  ['/a/b\\x20HTTP/1.1', '/a/b'],
  ['/a/b\\x09HTTP/1.1', '/a/b'],
  ['GET\\x09/a/b\\x20HTTP/1.1', '/a/b'],
  ['/a%3f/../a/b', '/a/b'],
  ['/a/b~', '/a/b~'],
  ['/a/.b', '/a/.b'],
  ['/a/b%zz%', '/a/b%zz%'],
  ['/x?/../a/b', '/x'],
  ['*', '/*'],
  ['-', '/-'],
] as const) {
  test(`gives the path ${path} for ${written}`, () => assert.is(decodedTarget(written).path, path));
}

test('keeps the dot segments and parameters of the uncollapsed path', () => {
  assert.is(decodedTarget('/A/%2e%2E/b;c//d?e').uncollapsed, '/a/../b;c//d');
});

for (const [query, decoded] of [
  ['a=1&b=2', 'a=1&b=2'],
  ['a=%41%2542', 'a=ab'],
  ['a=b+c%2Bd%20e', 'a=b c+d e'],
  ['a=..%c0%afb', 'a=../b'],
  ['a=%u003cb', 'a=<b'],
  ['a=\\x5cu0024\\x5cu007bb', 'a=${b'],
  ['a=\\x22b\\x22', 'a="b"'],
  ['a=100%', 'a=100%'],
] as const) {
  test(`decodes the query ${query}`, () => {
    const target = decodedTarget(`/?${query}`);
    assert.is(target.decodedQuery, decoded);
  });
}

test('has no query and no parameters when the target has none', () => {
  const { query, decodedQuery, parameters } = decodedTarget('/a');
  assert.equal([query, decodedQuery, parameters], ['', '', []]);
});

test('decodes each parameter separately', () => {
  assert.equal(
    decodedTarget('/?a=%26b=1&c').parameters.map(({ text }) => text),
    ['a=&b=1', 'c'],
  );
});

for (const [name, isSearch] of [
  ['q', true],
  ['S', true],
  ['query', true],
  ['searchword', true],
  ['search_api_fulltext', true],
  ['field-keywords', true],
  ['term', true],
  ['filter[search]', true],
  ['tx_indexedsearch[sword]', true],
  ['id', false],
  ['page', false],
  ['file', false],
  ['username', false],
  ['skip', false],
] as const) {
  test(`treats ${name} as ${isSearch ? 'a' : 'no'} search parameter`, () => {
    assert.is(decodedTarget(`/?${name}=x`).parameters[0]?.isSearch, isSearch);
  });
}

test('does not treat a parameter without a value as a search', () => {
  assert.is(decodedTarget('/?q').parameters[0]?.isSearch, false);
});

test('reads only the beginning of a target that is too long for any server', () => {
  const target = decodedTarget(`/${'a'.repeat(100_000)}`);
  assert.ok(target.path.length < 20_000);
});

test.run();
