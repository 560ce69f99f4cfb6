import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requestLine } from '../../../logs/readers/request-line.ts';

for (const [line, method, target, version] of [
  ['GET / HTTP/1.1', 'GET', '/', 'HTTP/1.1'],
  ['POST /a?b=c HTTP/2.0', 'POST', '/a?b=c', 'HTTP/2.0'],
  ['M-SEARCH * HTTP/1.1', 'M-SEARCH', '*', 'HTTP/1.1'],
  ['VERSION-CONTROL /a HTTP/1.1', 'VERSION-CONTROL', '/a', 'HTTP/1.1'],
  ['get / HTTP/1.0', 'get', '/', 'HTTP/1.0'],
  ['CONNECT example.org:443 HTTP/1.1', 'CONNECT', 'example.org:443', 'HTTP/1.1'],
  ['GET /.env', 'GET', '/.env', 'HTTP/0.9'],
  ['GET /a b/.env HTTP/1.1', 'GET', '/a\\x20b/.env', 'HTTP/1.1'],
  ['GET /shell?cd+/tmp;wget+http://a/ b', 'GET', '/shell?cd+/tmp;wget+http://a/\\x20b', 'HTTP/0.9'],
  ['GET /.env HTTP/1.1 HTTP/1.1', 'GET', '/.env\\x20HTTP/1.1', 'HTTP/1.1'],
  ['GET /.env HTTP/\\x22', 'GET', '/.env', 'HTTP/\\x22'],
  ['GET HTTP/1.1', 'GET', 'HTTP/1.1', 'HTTP/0.9'],
  ['GET  HTTP/1.1', 'GET', '-', 'HTTP/1.1'],
  ['GET /.env  HTTP/1.1', 'GET', '/.env', 'HTTP/1.1'],
  ['GET  /.env ', 'GET', '/.env', 'HTTP/0.9'],
  ['GET /.env HTTP/1.1  ', 'GET', '/.env', 'HTTP/1.1'],
  ['GET ', 'GET', '-', 'HTTP/0.9'],
  ['GET   ', 'GET', '-', 'HTTP/0.9'],
  ['GET', '-', 'GET', 'HTTP/0.9'],
  [' / HTTP/1.1', '-', '\\x20/\\x20HTTP/1.1', 'HTTP/0.9'],
  ['\\x16\\x03\\x01\\x02', '-', '\\x16\\x03\\x01\\x02', 'HTTP/0.9'],
  ['SSH-2.0-Go', '-', 'SSH-2.0-Go', 'HTTP/0.9'],
  ['G"T / HTTP/1.1', '-', 'G\\x22T\\x20/\\x20HTTP/1.1', 'HTTP/0.9'],
  [`${'A'.repeat(40)} / HTTP/1.1`, 'A'.repeat(40), '/', 'HTTP/1.1'],
  [`${'A'.repeat(41)} /.env HTTP/1.1`, '-', '/.env', 'HTTP/1.1'],
  ['X!T /.env HTTP/1.1', '-', '/.env', 'HTTP/1.1'],
  ['GET /.env HTTP/1.1 ', 'GET', '/.env', 'HTTP/1.1'],
  ['GET /.env  HTTP/1.1   ', 'GET', '/.env', 'HTTP/1.1'],
  ['GET   ', 'GET', '-', 'HTTP/0.9'],
  [' ', '-', '\\x20', 'HTTP/0.9'],
] as const) {
  test(`splits ${line}`, () => assert.equal(requestLine(line), { method, target, version }));
}

test('keeps all of a target except the spaces around it', () => {
  for (const target of ['/\xc3\xa0', '/a\t', '\t/a', '/\xef\xbb\xbf'])
    for (const line of [`GET  ${target}  HTTP/1.1`, `GET ${target} `])
      assert.is(requestLine(line, (text) => text)?.target, target);
});

test('finds no request when a connection was not used', () => {
  assert.is(requestLine('-'), undefined);
  assert.is(requestLine(''), undefined);
});

test.run();
