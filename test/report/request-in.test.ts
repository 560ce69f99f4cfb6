import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requestIn } from '../../report/request-in.ts';

const combined = (request: string, agent = '-') =>
  `203.0.113.7 - - [20/Nov/2026:09:29:46 +0000] "${request}" 404 274 "-" "${agent}"`;

test('returns method and path, and the query separately', () => {
  assert.equal(requestIn(combined('GET /a/b.php HTTP/1.1', 'ZmEu')), {
    request: 'GET /a/b.php',
    agent: 'ZmEu',
  });
  assert.equal(requestIn(combined('GET /a.php?x=1&y=../etc HTTP/1.1')), {
    request: 'GET /a.php',
    whole: 'GET /a.php?x=1&y=../etc',
    agent: undefined,
  });
  assert.is(
    requestIn(combined('CONNECT mail.example.net:25 HTTP/1.1')).request,
    'CONNECT mail.example.net:25',
  );
  assert.is(requestIn(combined('GET http://example.net/ HTTP/1.0')).request, 'GET http://example.net/');
});

test('finds the request after any text, and in the common format', () => {
  assert.is(requestIn(`Nov 20 09:00:00 web apache: ${combined('GET /a HTTP/1.1')}`).request, 'GET /a');
  assert.equal(requestIn('203.0.113.7 - bob [x] "POST /login HTTP/2.0" 401 0'), {
    request: 'POST /login',
    agent: undefined,
  });
});

test("reads the path from ModSecurity's line", () => {
  const line =
    '[Fri Nov 20 09:29:46 2026] [error] [client 203.0.113.7] ModSecurity: Access denied with code 403. [id "999"] [msg "a \\"GET /no HTTP/1.1\\" x"] [hostname "example.org"] [uri "/cgi-bin/x"] [unique_id "y"]';
  assert.equal(requestIn(line), { request: '/cgi-bin/x' });
});

test('reads escaped quotes as part of the field', () => {
  const { request, agent } = requestIn(combined('GET /a\\"b HTTP/1.1', 'x\\" \\"GET /c HTTP/1.1'));
  assert.equal([request, agent], ['GET /a\\"b', 'x\\" \\"GET /c HTTP/1.1']);
});

test('finds no request when the line has no request, or nonsense in its place', () => {
  for (const line of [
    '',
    'sshd[1]: Failed password for root',
    combined('-'),
    combined('\\x16\\x03\\x01'),
    '"',
    '[uri "',
  ])
    assert.is(requestIn(line).request, undefined, line);
});

test('reads any line fast, and returns short texts', () => {
  const hostile = [
    '"'.repeat(100_000),
    `"GET ${'\\'.repeat(100_000)}`,
    `"GET /${'\\"GET /'.repeat(600)}`,
    '"GET /'.repeat(600),
    `"GET /${'?"'.repeat(50_000)}`,
    `[uri "${'[uri "'.repeat(20_000)}`,
  ];
  const longest = ({ request = '', whole = '', agent = '' }: ReturnType<typeof requestIn>) =>
    Math.max(request.length, whole.length, agent.length);
  for (const line of hostile) assert.ok(longest(requestIn(line)) <= 160);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      (text) => longest(requestIn(combined(text, text))) <= 160,
    ),
  );
});

test.run();
