import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { newCertificate } from '../lab/mail-server.ts';
import { labSuite } from '../lab/suite.ts';
import { type Scene, scene } from './scene.ts';

const test = labSuite('riposte import');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let at: Scene;
let requests: IncomingMessage[];
let answer: Answer;

test.before.each(async () => {
  at = scene();
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  url = `http://127.0.0.1:${await portOf(server)}/drop.txt?key=secret`;
});
test.after.each(() => new Promise<void>((resolve) => server.close(() => resolve())));

async function portOf(listening: Server): Promise<number> {
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', () => resolve()));
  return (listening.address() as AddressInfo).port;
}

/** Answers with this list, and with 304 to a client that has this version. */
const list =
  (text: string, etag = '"1"'): Answer =>
  ({ headers }, response) => {
    const isKnown = headers['if-none-match'] === etag;
    response.writeHead(isKnown ? 304 : 200, { etag, 'last-modified': 'Sat, 28 Nov 2026 10:00:00 GMT' });
    response.end(isKnown ? '' : text);
  };

const importFrom = (from: string, ...more: string[]) =>
  at.run('import', from, '--response', 'apache-deny', '--origin', 'drop', ...more);
const blocked = () =>
  at
    .read('var/riposte/apache/deny.map')
    .split('\n')
    .filter((line) => /^\d/.test(line));

test('blocks the addresses of a list, and releases addresses that the list no longer names', async () => {
  answer = list('; DROP\n203.0.113.7 ; SBL1\n203.0.113.8\n');
  const first = await importFrom(url);
  assert.equal([first.exitCode, first.out], [0, 'apache-deny: drop: 2 blocked\n']);
  answer = list('203.0.113.8\n203.0.113.9\n', '"2"');
  const second = await importFrom(url);
  assert.is(second.out, 'apache-deny: drop: 1 blocked, 1 listed before, 1 released\n');
  assert.equal(blocked(), ['203.0.113.8 deny', '203.0.113.9 deny']);
});

test('renews the blocks of a list that the server has not changed', async () => {
  answer = list('203.0.113.7\n');
  await importFrom(url, '--for', '1h');
  const { exitCode, out } = await importFrom(url, '--for', '2d');
  assert.is(exitCode, 0);
  assert.match(out, /^drop: the list has not changed\napache-deny: drop: 0 blocked, 1 listed before\n$/);
  assert.equal(
    requests.map(({ headers }) => [headers['if-none-match'], headers['if-modified-since']]),
    [
      [undefined, undefined],
      ['"1"', 'Sat, 28 Nov 2026 10:00:00 GMT'],
    ],
  );
  const { until } = JSON.parse(at.read('var/riposte/blocks/apache-deny/203.0.113.7.json'));
  assert.ok(Date.parse(until) > Date.now() + 86_400_000);
});

test('keeps a copy of the list that only root can read, and prints no key of the list’s URL', async () => {
  answer = list('203.0.113.7\n203.0.113.300\n');
  const { exitCode, err } = await importFrom(url);
  assert.is(exitCode, 65);
  assert.match(err, /^riposte: 127\.0\.0\.1:\d+:2: '203\.0\.113\.300' is not an IP address\n$/);
  const kept = join(at.home.data, 'imports/drop');
  assert.is(statSync(kept).mode & 0o777, 0o600);
  assert.match(readFileSync(kept, 'utf8'), 'key=secret');
  answer = (_, response) => response.writeHead(403).end();
  assert.not.match((await importFrom(url)).err, 'secret');
});

test('downloads a list again when the kept copy is from another URL', async () => {
  answer = list('203.0.113.7\n');
  await importFrom(url);
  await importFrom(`${url}&other`);
  assert.is(requests[1]?.headers['if-none-match'], undefined);
});

test('follows redirects to the same host', async () => {
  const serve = list('203.0.113.7\n');
  answer = (request, response) =>
    request.url === '/new' ? serve(request, response) : response.writeHead(302, { location: '/new' }).end();
  assert.is((await importFrom(url)).exitCode, 0);
  assert.equal(blocked(), ['203.0.113.7 deny']);
});

const REFUSED: readonly [what: string, answer: Answer, exitCode: number, err: RegExp][] = [
  [
    'a redirect to another host',
    (_, response) => response.writeHead(302, { location: 'https://example.org/list' }).end(),
    69,
    /redirects to https:\/\/example\.org, which is not followed/,
  ],
  [
    'redirects without an end',
    (_, response) => response.writeHead(302, { location: '/drop.txt' }).end(),
    69,
    /redirects more than 5 times/,
  ],
  ['a missing file', (_, response) => response.writeHead(404).end(), 69, /HTTP 404 Not Found/],
  ['a server that is busy', (_, response) => response.writeHead(503).end(), 75, /HTTP 503/],
  [
    'a page instead of a list',
    (_, response) => response.end('<!DOCTYPE html>\n<p>Your address:\n203.0.113.9\n'),
    65,
    /^riposte: 127\.0\.0\.1:\d+ sends a web page instead of a list; nothing was changed\n$/,
  ],
  ['an empty list', (_, response) => response.end(''), 65, /--allow-empty accepts such a list/],
  ['a connection that ends early', (_, { socket }) => socket?.destroy(), 75, /127\.0\.0\.1:\d+: /],
  [
    'an answer that is too long',
    (_, response) => {
      response.on('error', () => {});
      const piece = Buffer.alloc(1024 * 1024, '#');
      const more = () => {
        while (response.write(piece));
        response.once('drain', more);
      };
      more();
    },
    69,
    /its answer is longer than 64 MB/,
  ],
];

for (const [what, wrong, exitCode, err] of REFUSED)
  test(`changes nothing after ${what}`, async () => {
    answer = list('203.0.113.7\n');
    await importFrom(url);
    answer = wrong;
    const ended = await importFrom(url);
    assert.match(ended.err, err);
    assert.is(ended.exitCode, exitCode);
    assert.equal(blocked(), ['203.0.113.7 deny']);
    answer = list('203.0.113.7\n');
    assert.match((await importFrom(url)).out, 'the list has not changed');
  });

test('refuses a certificate that it cannot verify, and http:// of another host', async () => {
  const { key, cert } = newCertificate();
  const tls = createTlsServer({ key, cert }, (_, response) => response.end('203.0.113.7\n'));
  const port = await portOf(tls);
  const { exitCode, err } = await importFrom(`https://127.0.0.1:${port}/`);
  assert.is(exitCode, 69);
  assert.match(err, 'its certificate cannot be verified');
  await new Promise<void>((resolve) => tls.close(() => resolve()));
  for (const wrong of ['http://example.org/list', 'file:///srv/drop.txt', 'drop.txt']) {
    const ended = await importFrom(wrong);
    assert.is(ended.exitCode, 64);
    assert.match(ended.err, 'is not an https:// URL');
    assert.is(ended.err.includes('riposte block --file FILE'), !wrong.includes('http'));
  }
  assert.equal(blocked(), []);
});

test('shows the changes in a dry run, and keeps nothing', async () => {
  answer = list('203.0.113.7\n');
  assert.match((await importFrom(url, '--dry-run')).out, '1 would be blocked');
  assert.equal(blocked(), []);
  assert.is(at.read('var/riposte/imports/drop'), '');
});

test.run();
