import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAllowedNames, unansweredNames } from '../../../active-response/allow/allowed-names.ts';
import { type ResolvedName, resolveName } from '../../../active-response/allow/resolve-name.ts';
import { sweepAllowList } from '../../../active-response/allow/sweep-allow-list.ts';
import { readAllowList, resolvedNames } from '../../../active-response/guard/allow-list.ts';
import { homeAt } from '../../../active-response/home.ts';
import { temporaryDirectory } from '../support.ts';

const NAME = 'home.example.net';

function homeWith(list: string) {
  const home = homeAt(temporaryDirectory());
  mkdirSync(dirname(home.allowList), { recursive: true });
  mkdirSync(home.data, { recursive: true });
  writeFileSync(home.allowList, list);
  const said: string[] = [];
  return {
    home,
    said,
    allowed: () => readAllowList(home.allowList).map(({ text }) => text),
    sweep: (resolved: ResolvedName, now?: number) =>
      sweepAllowList(
        home,
        (text) => said.push(text),
        async () => resolved,
        now,
      ),
  };
}

const inTime = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

test('allows an address until the end of its entry, and then removes the entry', async () => {
  const { home, said, allowed, sweep } = homeWith(
    `192.0.2.1 until ${inTime(60_000)} # soon\n192.0.2.2 until ${inTime(-1000)} # over\n# mine\n192.0.2.3\n`,
  );
  assert.equal(allowed(), ['192.0.2.1', '192.0.2.3']);
  assert.not(await sweep({ 4: [], 6: [] }));
  assert.match(
    readFileSync(home.allowList, 'utf8'),
    /^192\.0\.2\.1 until \S+ # soon\n# mine\n192\.0\.2\.3\n$/,
  );
  assert.is(said.length, 1);
  assert.match(said[0] ?? '', /^192\.0\.2\.2: is no longer allowed: its entry ended at /);
});

test('allows the addresses of a name once a sweep has resolved it', async () => {
  const { allowed, said, sweep } = homeWith(`192.0.2.9\n${NAME} # my line\n`);
  assert.equal(allowed(), ['192.0.2.9']);
  assert.ok(await sweep({ 4: ['192.0.2.1'], 6: ['2001:db8::1'] }));
  assert.equal(allowed(), ['192.0.2.9', '192.0.2.1', '2001:db8::1']);
  assert.not(await sweep({ 4: ['192.0.2.1'], 6: ['2001:db8::1'] }));
  assert.ok(await sweep({ 4: ['192.0.2.2'], 6: [] }));
  assert.equal(allowed(), ['192.0.2.9', '192.0.2.2']);
  assert.equal(said, [
    `${NAME}: now resolves to 192.0.2.1, 2001:db8::1`,
    `${NAME}: now resolves to 192.0.2.2`,
  ]);
});

test('keeps the last addresses of each family for which DNS has no answer', async () => {
  const { allowed, said, sweep } = homeWith(`${NAME}\n`);
  await sweep({ 4: undefined, 6: undefined });
  assert.match(said.at(-1) ?? '', /cannot be resolved, so no address is allowed/);
  await sweep({ 4: ['192.0.2.1'], 6: ['2001:db8::1'] });
  await sweep({ 4: undefined, 6: undefined });
  assert.match(
    said.at(-1) ?? '',
    /^home\.example\.net: cannot be resolved; Riposte still allows 192\.0\.2\.1, 2001:db8::1 until \d{4}-.*Z$/,
  );
  await sweep({ 4: ['192.0.2.2'], 6: undefined });
  assert.equal(allowed(), ['192.0.2.2', '2001:db8::1']);
});

const NO_ANSWER = { 4: undefined, 6: undefined };
const DAY = 24 * 3_600_000;

test('allows the last addresses of a name for a week after its first failed look-up', async () => {
  const { home, allowed, said, sweep } = homeWith(`${NAME}\n`);
  const now = Date.now();
  await sweep({ 4: ['192.0.2.1'], 6: ['2001:db8::1'] }, now);
  assert.equal(unansweredNames(home), []);
  assert.not(await sweep(NO_ANSWER, now));
  assert.not(await sweep(NO_ANSWER, now + 6.9 * DAY));
  const end = new Date(now + 7 * DAY).toISOString();
  const sentence = `${NAME}: cannot be resolved; Riposte still allows 192.0.2.1, 2001:db8::1 until ${end}`;
  assert.equal([said.at(-1), unansweredNames(home)], [sentence, [sentence]]);
  assert.ok(await sweep(NO_ANSWER, now + 7 * DAY));
  assert.is(
    said.at(-1),
    `${NAME}: could not be resolved for a week; Riposte no longer allows 192.0.2.1, 2001:db8::1`,
  );
  assert.equal([allowed(), unansweredNames(home)], [[], []]);
});

test('allows no address of a name a week after its first failed look-up, even without a sweep since', async () => {
  const { allowed, sweep } = homeWith(`${NAME}\n`);
  await sweep({ 4: ['192.0.2.1'], 6: [] });
  await sweep(NO_ANSWER, Date.now() - 7 * DAY - 1000);
  assert.equal(allowed(), []);
});

test('counts a new week after each answer of DNS, and keeps the end of the entry itself', async () => {
  const end = inTime(3 * DAY);
  const { home, allowed, sweep } = homeWith(`${NAME} until ${end}\n`);
  const now = Date.now();
  await sweep({ 4: ['192.0.2.1'], 6: [] }, now - 10 * DAY);
  await sweep(NO_ANSWER, now - 6 * DAY);
  await sweep({ 4: ['192.0.2.1'], 6: [] }, now - 5 * DAY);
  await sweep({ 4: undefined, 6: [] }, now - DAY);
  assert.equal(allowed(), ['192.0.2.1']);
  assert.match(
    readFileSync(resolvedNames(home.allowList), 'utf8'),
    `192.0.2.1 until ${end}  # ${NAME}  # no`,
  );
});

test('allows no address of a name when its entry was removed or has ended', async () => {
  const { home, allowed, sweep } = homeWith(`${NAME} until ${inTime(60_000)}\n`);
  await sweep({ 4: ['192.0.2.1'], 6: [] });
  assert.equal(allowed(), ['192.0.2.1']);
  writeFileSync(home.allowList, `other.example.net\n`);
  await sweep({ 4: undefined, 6: undefined });
  assert.equal([allowed(), readAllowedNames(home).size], [[], 0]);
  writeFileSync(home.allowList, `${NAME}\n`);
  writeFileSync(resolvedNames(home.allowList), `192.0.2.1 until ${inTime(-1000)}  # ${NAME}\n`);
  assert.equal(allowed(), []);
});

test('changes nothing when a line of the allow list is wrong', async () => {
  const { home, said, sweep } = homeWith(`${NAME}\nthe office\n`);
  assert.not(await sweep({ 4: ['192.0.2.1'], 6: [] }));
  assert.match(said.join(), /riposte\.allow:2: 'the office' is not an address, a prefix or a host name/);
  assert.is(readAllowedNames(home).size, 0);
});

test('rejects a text as a name when it has a space, has no dot or may be a mistyped address', () => {
  const wrong = ['office', 'home.example.net x', '192.0.2.4O', '192.0.2.300'];
  for (const line of [...wrong, '192.0.2.1 until tomorrow', '192.0.2.1 until']) {
    const { home } = homeWith(`${line}\n`);
    const message = /\suntil/.test(line)
      ? /needs a time such as 2026-12-31T18:00:00Z after the word 'until'$/
      : /is not an address, a prefix or a host name$/;
    assert.throws(() => readAllowList(home.allowList), message, line);
  }
});

test('reports an end that is not a time, and allows the address meanwhile', async () => {
  const { allowed, said, sweep } = homeWith('192.0.2.1 until 2026-13-45T00:00:00Z\n');
  assert.equal(allowed(), ['192.0.2.1']);
  await sweep({ 4: [], 6: [] });
  assert.match(
    said.join(),
    /riposte\.allow:1: '192\.0\.2\.1 until 2026-13-45T00:00:00Z' needs a time such as 2026-12-31T18:00:00Z after the word 'until'/,
  );
});

test('resolves at most fifty names', async () => {
  const { said, sweep, allowed } = homeWith(
    Array.from({ length: 52 }, (_, i) => `h${i}.example.net\n`).join(''),
  );
  await sweep({ 4: ['192.0.2.1'], 6: [] });
  assert.is(allowed().length, 50);
  assert.equal(said.filter((each) => each.includes('does not resolve this name')).length, 2);
});

/** A DNS server that answers each query with `reply(query)`, or not at all if that is undefined. */
async function nameServer(reply: (query: Buffer) => Buffer | undefined) {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const answer = reply(query);
    if (answer) socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${(socket.address() as AddressInfo).port}`, close: () => socket.close() };
}

const A = 1;
/** The header of a reply to this query, with this code and number of answers. */
function replyTo(query: Buffer, code: number, answers: readonly Buffer[] = []): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5;
  const head = Buffer.from(query.subarray(0, questionEnd));
  head[2] = 0x81;
  head[3] = 0x80 | code;
  head.writeUInt16BE(answers.length, 6);
  head.fill(0, 8, 12);
  return Buffer.concat([head, ...answers]);
}
const typeOf = (query: Buffer) => query.readUInt16BE(query.indexOf(0, 12) + 1);
const record = (address: string) =>
  Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);

test('asks a name server, and distinguishes an address, no address and no answer', async () => {
  const answers = Array.from({ length: 20 }, (_, i) => record(`192.0.2.${i + 1}`));
  const server = await nameServer((query) =>
    typeOf(query) === A ? replyTo(query, 0, answers.slice(0, 20)) : replyTo(query, 0),
  );
  const found = await resolveName(NAME, [server.server]);
  server.close();
  assert.is(found[4]?.length, 16);
  assert.equal(found[6], []);
  const refuses = await nameServer((query) => replyTo(query, 5));
  assert.equal(await resolveName(NAME, [refuses.server]), { 4: undefined, 6: undefined });
  refuses.close();
});

test('gives up on a name when the name server does not answer', async () => {
  const server = await nameServer(() => undefined);
  assert.equal(await resolveName(NAME, [server.server]), { 4: undefined, 6: undefined });
  server.close();
});

test('resolves the names in white_list as long as ossec.conf contains them', async () => {
  const { home, allowed, sweep } = homeWith('192.0.2.3\n');
  const conf = `<ossec_config><global><white_list>^${NAME}$</white_list></global></ossec_config>`;
  writeFileSync(home.ossecConf, conf);
  await sweep({ 4: ['198.51.100.9'], 6: [] });
  assert.equal(allowed(), ['192.0.2.3', '198.51.100.9']);
  writeFileSync(home.ossecConf, conf.replace(NAME, ''));
  await sweep({ 4: ['198.51.100.9'], 6: [] });
  assert.equal(allowed(), ['192.0.2.3']);
});

test.run();
