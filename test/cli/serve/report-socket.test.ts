import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Counters, listenForReports, newCounters } from '../../../cli/serve/report-socket.ts';
import { LIMITS, type Limits } from '../../../cli/serve/socket/limits.ts';
import type { Report } from '../../../cli/serve/socket/report.ts';
import { ask, Client } from './socket-client.ts';

const test = suite('report socket');
let root: string;
let socket: string;
let reports: Report[];
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

/** With time enough for each message, where that is not what is looked at: this process may stand still for a while. */
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
/** What shows that nothing has come to harm. */
const isAnswered = async () => assert.equal(await ask(socket, GOOD), { ok: true });

test('a report is handed over, checked, and a ping answered', async () => {
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  const told = { method: 'GET', uri: '/x', id: 'Zz0', rule: '999004', message: 'a scan' };
  assert.equal(await ask(socket, { verb: 'report', address: '::FFFF:203.0.113.9', ...told }), { ok: true });
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

test('an address that is never blocked cannot be reported', async () => {
  assert.equal(await ask(socket, { ...GOOD, address: '198.51.100.1' }), { ok: false, reason: 'allowed' });
  assert.is(counters.allowed, 1);
  await isAnswered();
});

test('several messages on one connection are answered in turn, also in pieces', async () => {
  const client = await Client.connect(socket);
  client.socket.write(`${JSON.stringify(GOOD)}\n{"verb":`);
  await client.told(1);
  client.socket.write('"ping"}\n');
  assert.equal(await client.told(2), [{ ok: true }, { ok: true, pong: true }]);
  client.socket.destroy();
});

test('texts are made printable, and cut', async () => {
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
  'an address with a second one behind it': { ...GOOD, address: '203.0.113.9 203.0.113.10' },
  'no address': { verb: 'report' },
  unblock: { verb: 'unblock', address: '203.0.113.9' },
  status: { verb: 'status' },
  stop: { verb: 'stop' },
  'a verb that every object has': { verb: 'constructor' },
  'a verb that is an object': { verb: { verb: 'report' } },
  'a duration': { ...GOOD, duration: 1 },
  'a response': { ...GOOD, response: 'route-null' },
  'a field that every object has': { ...GOOD, constructor: 1 },
  'a rule that is a path': { ...GOOD, rule: '../1' },
  'a field that is no text': { ...GOOD, uri: { length: 1 } },
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
  test(`refused, and its connection closed: ${what}`, async () => {
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

test('of two keys of one name the last counts, and is checked', async () => {
  const twice = (first: string, second: string) =>
    `{"verb":"report","address":"${first}","address":"${second}"}\n`;
  assert.equal(await ask(socket, twice('203.0.113.9', '198.51.100.1')), { ok: false, reason: 'allowed' });
  assert.equal(await ask(socket, twice('198.51.100.1', '203.0.113.9')), { ok: true });
  assert.equal(reports, [{ address: '203.0.113.9' }]);
});

test('a megabyte without a newline is dropped at the limit', async () => {
  const client = await Client.connect(socket);
  client.socket.write('x'.repeat(1024 * 1024));
  assert.equal(await client.told(), [{ ok: false, reason: 'a message has more than 4096 bytes' }]);
  await client.ended;
  assert.is(counters.oversized, 1);
  await isAnswered();
});

test('a message of 4096 bytes is read, one of 4097 is not', async () => {
  const line = (length: number) => `${JSON.stringify(GOOD).padEnd(length - 1)}\n`;
  assert.equal(await ask(socket, line(4096)), { ok: true });
  assert.equal(await ask(socket, line(4097)), { ok: false, reason: 'a message has more than 4096 bytes' });
});

test('who sends a byte now and then is dropped when the time for a message is over', async () => {
  await listen({ messageTime: 250 });
  const client = await Client.connect(socket);
  const dripping = setInterval(() => client.socket.write(' '), 50);
  await client.ended;
  clearInterval(dripping);
  assert.is(counters.stalled, 1);
  assert.is(client.text, '');
  await isAnswered();
});

test('who connects and says nothing is dropped, too', async () => {
  await listen({ messageTime: 100 });
  await (await Client.connect(socket)).ended;
  assert.is(counters.stalled, 1);
});

test('what has come while the server itself stood still is taken, though the time for a message is over', async () => {
  await listen({ messageTime: 100 });
  const client = await Client.connect(socket);
  await client.ask({ verb: 'ping' });
  client.socket.write(`${JSON.stringify(GOOD)}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  assert.equal(await client.told(2), [{ ok: true, pong: true }, { ok: true }]);
  assert.is(counters.stalled, 0);
  client.socket.destroy();
});

test('who closes its own half behind a report gets the answer', async () => {
  const client = await Client.connect(socket, true);
  client.socket.end(`${JSON.stringify(GOOD)}\n`);
  assert.equal(await client.told(), [{ ok: true }]);
  client.socket.destroy();
});

test('a report whose sender has gone at once is taken', async () => {
  const client = await Client.connect(socket);
  client.socket.write(`${JSON.stringify(GOOD)}\n`, () => client.socket.destroy());
  await client.ended;
  while (reports.length === 0) await wait(5);
  await isAnswered();
});

test('who goes in the middle of a message leaves nothing behind', async () => {
  const client = await Client.connect(socket);
  client.socket.end('{"verb":"report","address":"203.0.113.9"');
  await client.ended;
  await isAnswered();
  assert.is(reports.length, 1);
});

test('with 500 connections open a good client is answered: the oldest have made place', async () => {
  const clients = await Promise.all(Array.from({ length: 500 }, () => Client.connect(socket)));
  await isAnswered();
  assert.ok(counters.crowded >= 500 - LIMITS.connections, `${counters.crowded} dropped`);
  for (const client of clients) client.socket.destroy();
});

test('10,000 reports over one connection: the first are taken, then it is dropped', async () => {
  const client = await Client.connect(socket);
  client.socket.write(`${JSON.stringify(GOOD)}\n`.repeat(10_000));
  await client.ended;
  assert.is(counters.hurried, 1);
  assert.ok(reports.length < 100, `${reports.length} reports`);
  await isAnswered();
});

test('10,000 reports over as many connections: limited, and everybody is answered', async () => {
  await listen({ reports: { perSecond: 1, burst: 50 } });
  const flood = async () => {
    for (let sent = 0; sent < 200; sent++) await ask(socket, GOOD);
  };
  const flooding = Promise.all(Array.from({ length: 50 }, flood));
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  await flooding;
  assert.is(counters.accepted + counters.limited, 10_000);
  assert.ok(counters.limited > 9_000, `${counters.limited} limited`);
  assert.is(reports.length, counters.accepted);
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
});

test('who never reads what it is told is dropped', async () => {
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

test('closing ends all connections, and nothing is left of the socket', async () => {
  const client = await Client.connect(socket);
  await close?.();
  await client.ended;
  const why = await Client.connect(socket).catch((error: Error) => error.message);
  assert.match(String(why), 'ENOENT');
});

test.run();
