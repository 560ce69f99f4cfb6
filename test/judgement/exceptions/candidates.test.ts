import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exceptionsFor } from '../../../judgement/exceptions/candidates.ts';
import { Exceptions } from '../../../judgement/exceptions/exceptions.ts';
import { readExceptions } from '../../../judgement/exceptions/read-exceptions.ts';
import { textFromBytes, wordFromBytes } from '../../../logs/readers/canonical-text.ts';

const request = (target: string, userAgent = 'Mozilla/5.0', referer = '-') => ({
  target: wordFromBytes(target),
  userAgent: textFromBytes(userAgent),
  referer: textFromBytes(referer),
  user: '-',
  status: '404',
});

test('proposes the path, and the directories above it when requests were counted together', () => {
  assert.equal(exceptionsFor(request('/a/.env?x=1'), 117100, true), [
    'path:/a/.env rule:117100',
    'agent:Mozilla/5.0 rule:117100',
  ]);
  assert.equal(exceptionsFor(request('/shop/a/b.php'), 117102, false).slice(0, 3), [
    'path:/shop/a/b.php rule:117102',
    'path:/shop/a/ rule:117102',
    'path:/shop/ rule:117102',
  ]);
});

test('proposes only directories for a burst, because the next burst has other pages', () => {
  assert.equal(exceptionsFor(request('/shop/a/b'), 117103, false), [
    'path:/shop/a/ rule:117103',
    'path:/shop/ rule:117103',
    'agent:Mozilla/5.0 rule:117103',
  ]);
});

test('proposes the agent when it is a scanner’s name, or when the path would match every path', () => {
  const scanner = 'Our scans (sqlmap/1.7; "weekly")';
  assert.equal(exceptionsFor(request('/a', scanner), 117100, true), [
    'agent:"Our scans (sqlmap/1.7; \\"weekly\\")" rule:117100',
  ]);
  assert.equal(exceptionsFor(request('/?a=1'), 117100, true), ['agent:Mozilla/5.0 rule:117100']);
  assert.equal(exceptionsFor(request('/a/../b'), 117103, false), ['agent:Mozilla/5.0 rule:117103']);
});

test('proposes no browser’s user agent, because any scanner may send it', () => {
  for (const browser of [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36',
    'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
  ])
    assert.equal(exceptionsFor(request('/page', browser), 117103, false), []);
  const robot =
    'Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko; compatible; shop-check-bot/1.0)';
  assert.is(exceptionsFor(request('/page', robot), 117103, false).length, 1);
});

test('proposes no text that a line cannot hold', () => {
  assert.equal(exceptionsFor(request('/', 'a\x00sqlmap'), 117100, true), []);
  assert.equal(exceptionsFor(request('/', '-'), 117100, true), []);
});

test('writes each path in a form that matches the path when the line is read back', () => {
  const targets = ['/a b/c"d', '/caf%c3%a9/', '/x%2525y/z', '/a%23b', '/q%3fr', '/a\\x', '/UPPER/x'];
  for (const target of targets)
    for (const line of exceptionsFor(request(target), 117102, false)) {
      const exceptions = new Exceptions(readExceptions(line, 'f', (id) => [id]));
      assert.ok(exceptions.of(request(target)), `${target}: ${line}`);
    }
});

test.run();
