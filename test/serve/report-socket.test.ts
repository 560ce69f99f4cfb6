import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listenForReports } from '../../serve/report-socket.ts';
import { LIMITS, type Limits } from '../../serve/socket/limits.ts';
import { type Counters, newCounters } from '../../serve/socket/listen-options.ts';
import type { HookReport } from '../../serve/socket/report.ts';
import { SHARE } from '../runner/share.ts';
import { ask, Client } from './socket-client.ts';

const test = suite('report socket');
let root: string;
let socket: string;
let reports: HookReport[];
let counters: Counters;
let close: (() => Promise<void>) | undefined;

test.before.each(async () => {
  root = await mkdtemp(join(tmpdir(), 'riposte-socket-'));
  reports = [];
  counters = newCounters();
  await listen();
});
test.after.each(async () => {
  await close?.();
  await rm(root, { recursive: true });
});

/** Listens with limits. The default permits a minute for each message, because this process may pause in a test. */
async function listen(limits: Partial<Limits> = {}): Promise<void> {
  await close?.();
  const directory = join(root, 'run');
  socket = join(directory, 'report.sock');
  const server = await listenForReports({
    directory,
    group: undefined,
    limits: { ...LIMITS, messageTime: 60_000, ...limits },
    counters,
    onReport: (report) => {
      if (report.address === '198.51.100.1') return 'allowed';
      reports.push(report);
      return 'accepted';
    },
  });
  close = () => {
    close = undefined;
    return server.close();
  };
}

const GOOD = { verb: 'report', address: '203.0.113.9' };
/** Asserts that the server still answers. */
const isAnswered = async () => assert.equal(await ask(socket, GOOD), { ok: true });

test('passes on a checked report, and answers a ping', async () => {
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  const fields = { method: 'GET', uri: '/x', id: 'Zz0', rule: '999004', message: 'a scan' };
  assert.equal(await ask(socket, { verb: 'report', address: '::FFFF:203.0.113.9', ...fields }), { ok: true });
  assert.equal(reports, [
    {
      address: '203.0.113.9',
      requestLine: 'GET /x',
      uniqueId: 'Zz0',
      ruleId: '999004',
      message: 'a scan',
    },
  ]);
});

test('refuses a report of an address that is never blocked', async () => {
  assert.equal(await ask(socket, { ...GOOD, address: '198.51.100.1' }), { ok: false, reason: 'allowed' });
  assert.is(counters.allowed, 1);
  await isAnswered();
});

test('answers several messages of a connection in order, even in pieces', async () => {
  const client = await Client.connect(socket);
  client.socket.write(`${JSON.stringify(GOOD)}\n{"verb":`);
  await client.answers(1);
  client.socket.write('"ping"}\n');
  assert.equal(await client.answers(2), [{ ok: true }, { ok: true, pong: true }]);
  client.socket.destroy();
});

test('makes texts printable, and cuts long texts', async () => {
  const uri = `/\u001b[2J\n${'x'.repeat(3000)}`;
  assert.equal(await ask(socket, { ...GOOD, uri }), { ok: true });
  assert.match(reports[0]?.requestLine ?? '', /^\/\\u001b\[2J\\u000ax{390,400}…$/);
});

const BAD: Record<string, unknown> = {
  'an address that is an object': { ...GOOD, address: { toString: '203.0.113.9' } },
  'an address that is a list': { ...GOOD, address: ['203.0.113.9'] },
  'an address that is a number': { ...GOOD, address: 3405803785 },
  'a prefix': { ...GOOD, address: '203.0.113.0/24' },
  'a host name': { ...GOOD, address: 'localhost' },
  'an address with a zone': { ...GOOD, address: 'fe80::1%eth0' },
  'an address with a second address after it': { ...GOOD, address: '203.0.113.9 203.0.113.10' },
  'no address': { verb: 'report' },
  unblock: { verb: 'unblock', address: '203.0.113.9' },
  status: { verb: 'status' },
  stop: { verb: 'stop' },
  'a verb that is a property of every object': { verb: 'constructor' },
  'a verb that is an object': { verb: { verb: 'report' } },
  'a duration': { ...GOOD, duration: 1 },
  'a response': { ...GOOD, response: 'route-null' },
  'a field that is a property of every object': { ...GOOD, constructor: 1 },
  'a rule that is a path': { ...GOOD, rule: '../1' },
  'a field that is not a string': { ...GOOD, uri: { length: 1 } },
  'fields in a prototype': '{"__proto__":{"verb":"report","address":"203.0.113.9"}}\n',
  'a prototype beside the fields': '{"verb":"report","address":"203.0.113.9","__proto__":{"x":1}}\n',
  'a list': '[{"verb":"ping"}]\n',
  null: 'null\n',
  'an empty line': '\n',
  'no JSON': 'report 203.0.113.9\n',
  'HTTP, as a browser could send it': 'POST / HTTP/1.1\r\nHost: x\r\n\r\n{"verb":"ping"}\n',
  'binary bytes': '\u0000\u0001\ufffd\u001b\n',
  'deep nesting': `${'['.repeat(4000)}\n`,
  'deep nesting of objects': `${'{"a":'.repeat(800)}\n`,
};

for (const [what, message] of Object.entries(BAD)) {
  test(`refuses and closes the connection for ${what}`, async () => {
    const client = await Client.connect(socket);
    const answer = (await client.ask(message)) as { ok: boolean; reason: string };
    assert.is(answer.ok, false);
    assert.not.match(answer.reason, /[^ -~]/);
    await client.ended;
    assert.is(counters.malformed, 1);
    assert.equal(reports, []);
    await isAnswered();
  });
}

test('checks and uses the last value of a key that occurs twice', async () => {
  const twice = (first: string, second: string) =>
    `{"verb":"report","address":"${first}","address":"${second}"}\n`;
  assert.equal(await ask(socket, twice('203.0.113.9', '198.51.100.1')), { ok: false, reason: 'allowed' });
  assert.equal(await ask(socket, twice('198.51.100.1', '203.0.113.9')), { ok: true });
  assert.equal(reports, [{ address: '203.0.113.9' }]);
});

test('drops a connection that sends a megabyte without a newline', async () => {
  const client = await Client.connect(socket);
  client.socket.write('x'.repeat(1024 * 1024));
  assert.equal(await client.answers(), [{ ok: false, reason: 'a message has more than 4096 bytes' }]);
  await client.ended;
  assert.is(counters.oversized, 1);
  await isAnswered();
});

test('reads a message of 4096 bytes, and drops a message of 4097', async () => {
  const line = (length: number) => `${JSON.stringify(GOOD).padEnd(length - 1)}\n`;
  assert.equal(await ask(socket, line(4096)), { ok: true });
  assert.equal(await ask(socket, line(4097)), { ok: false, reason: 'a message has more than 4096 bytes' });
});

test('drops a client whose message takes too long, even while it still sends bytes', async () => {
  await listen({ messageTime: 250 });
  const client = await Client.connect(socket);
  const dripping = setInterval(() => client.socket.write(' '), 50);
  await client.ended;
  clearInterval(dripping);
  assert.is(counters.stalled, 1);
  assert.is(client.text, '');
  await isAnswered();
});

test('drops a client that sends nothing', async () => {
  await listen({ messageTime: 100 });
  await (await Client.connect(socket)).ended;
  assert.is(counters.stalled, 1);
});

test('accepts a message that came while the server process was paused', async () => {
  await listen({ messageTime: 100 });
  const client = await Client.connect(socket);
  await client.ask({ verb: 'ping' });
  client.socket.write(`${JSON.stringify(GOOD)}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  assert.equal(await client.answers(2), [{ ok: true, pong: true }, { ok: true }]);
  assert.is(counters.stalled, 0);
  client.socket.destroy();
});

test('answers a client that ends its side of the connection after a report', async () => {
  const client = await Client.connect(socket, true);
  client.socket.end(`${JSON.stringify(GOOD)}\n`);
  assert.equal(await client.answers(), [{ ok: true }]);
  client.socket.destroy();
});

test('accepts a report when its client closes the connection at once', async () => {
  const client = await Client.connect(socket);
  client.socket.write(`${JSON.stringify(GOOD)}\n`, () => client.socket.destroy());
  await client.ended;
  while (reports.length === 0) await wait(5);
  await isAnswered();
});

test('frees the connection when its client ends the connection within a message', async () => {
  const client = await Client.connect(socket);
  client.socket.end('{"verb":"report","address":"203.0.113.9"');
  await client.ended;
  await isAnswered();
  assert.is(reports.length, 1);
});

test('drops the oldest connections when 500 are open, and answers a new client', async () => {
  const clients = await Promise.all(Array.from({ length: 500 }, () => Client.connect(socket)));
  await isAnswered();
  assert.ok(counters.crowded >= 500 - LIMITS.connections, `${counters.crowded} dropped`);
  for (const client of clients) client.socket.destroy();
});

test('drops a connection that sends 10,000 reports', async () => {
  const client = await Client.connect(socket);
  client.socket.write(`${JSON.stringify(GOOD)}\n`.repeat(10_000));
  await client.ended;
  assert.is(counters.hurried, 1);
  assert.ok(reports.length < 100, `${reports.length} reports`);
  await isAnswered();
});

/** The number of reports that each of 50 clients sends. */
const REPORTS = SHARE === 'quick' ? 50 : 200;

test(`limits ${50 * REPORTS} reports from as many connections, and answers each of them`, async () => {
  await listen({ reports: { perSecond: 1, burst: 50 } });
  const flood = async () => {
    for (let sent = 0; sent < REPORTS; sent++) await ask(socket, GOOD);
  };
  const flooding = Promise.all(Array.from({ length: 50 }, flood));
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  await flooding;
  assert.is(counters.accepted + counters.limited, 50 * REPORTS);
  assert.ok(counters.limited > 45 * REPORTS, `${counters.limited} limited`);
  assert.is(reports.length, counters.accepted);
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
});

test('drops a client that never reads its answers', async () => {
  await listen({ messages: { perSecond: 1e6, burst: 1e6 }, reports: { perSecond: 1, burst: 1 } });
  const client = await Client.connect(socket);
  client.socket.pause();
  const line = `${JSON.stringify(GOOD)}\n`.repeat(1000);
  while (counters.unread === 0) {
    client.socket.write(line);
    await wait(1);
  }
  client.socket.destroy();
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
});

test('ends all connections and removes the socket when it closes', async () => {
  const client = await Client.connect(socket);
  await close?.();
  await client.ended;
  const why = await Client.connect(socket).catch((error: Error) => error.message);
  assert.match(String(why), 'ENOENT');
});

test.run();
