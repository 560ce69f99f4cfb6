import { chmod, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ACCOUNT, CloudflareServer, LIST, TOKEN } from '../lab/cloudflare.ts';
import { startHere } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { eventually } from '../lab/server.ts';
import { leftToAll, SHARE } from '../runner/share.ts';

const ADDS = SHARE === 'quick' ? 8 : 40;
const MARK = `riposte ${hostname()}`;
const [FIRST, SECOND, OTHER] = ['203.0.113.7', '203.0.113.8', '198.51.100.1'] as const;

const name = 'cloudflare-deny';
const test = process.getuid?.() === 0 ? suite(name) : (suite(name).skip as never as ReturnType<typeof suite>);
const inAll = leftToAll(test);
let cloudflare: CloudflareServer;
let at: Installation;
let token: string;

test.before.each(async () => {
  cloudflare = await CloudflareServer.start();
  at = await Installation.create();
  token = join(at.home, 'token');
  await writeFile(token, `TOKEN=${TOKEN}\nURL=${cloudflare.url}\n`, { mode: 0o600 });
  await at.write(
    'etc/riposte.conf',
    `CLOUDFLARE_ACCOUNT=${ACCOUNT}\nCLOUDFLARE_LIST=${LIST}\nCLOUDFLARE_TOKEN_FILE=${token}\nCOMMAND_TIMEOUT=2m\n`,
  );
});
test.after.each(async () => {
  // Wait for the delivery process, so that it does not write into the removed home.
  await eventually('no process delivers', async () => (await at.read('var/riposte/cloudflare/lock')) === '');
  await cloudflare.stop();
  await at.remove();
});

const run = async (command: 'add' | 'delete', address: string) =>
  (await runWithArguments(at, name, ossec(command, address))).status;

const riposte = (...words: string[]) => startHere(at.home, ...words);

/** The outcomes of an address, in order. */
const words = async (address: string) =>
  (await at.journal()).filter((each) => each.address === address).map(({ event }) => event);

const reads = (address: string, ...wanted: string[]) =>
  eventually(
    `the outcomes of ${address} are ${wanted.join(', ')}`,
    async () => (await words(address)).join() === wanted.join(),
  );

test('queues a block and an unblock, and records each of them when the list has changed', async () => {
  assert.is(await run('add', FIRST), 0);
  assert.match((await at.log())[0] ?? '', ` ${FIRST} `);
  assert.match((await at.log())[0] ?? '', /spooled: to be blocked; until /);
  await reads(FIRST, 'spooled', 'blocked');
  const [item] = [...cloudflare.items.values()];
  assert.equal([item?.ip, item?.comment], [FIRST, MARK]);
  const { stdout } = await runWithArguments(at, name, ['--list']);
  assert.match(stdout, / {2}yes {2}/);
  assert.is(await run('delete', FIRST), 0);
  await reads(FIRST, 'spooled', 'blocked', 'spooled', 'unblocked');
  assert.equal(cloudflare.ips, []);
});

test('never changes an item that Riposte did not add, on any page of the list', async () => {
  for (let host = 1; host <= 8; host++) cloudflare.add(`198.51.100.${host}`, 'by the office');
  const before = [...cloudflare.items.values()];
  assert.is(await run('add', FIRST), 0);
  assert.is(await run('add', OTHER), 0);
  await reads(FIRST, 'spooled', 'blocked');
  await reads(OTHER, 'spooled', 'blocked');
  assert.is((await riposte('unblock', '--all', '--response', name)).exitCode, 0);
  await reads(OTHER, 'spooled', 'blocked', 'spooled', 'unblocked');
  await reads(FIRST, 'spooled', 'blocked', 'spooled', 'unblocked');
  assert.equal([...cloudflare.items.values()], before);
});

test(`adds ${ADDS} addresses in few operations when their blocks come at once`, async () => {
  const addresses = Array.from({ length: ADDS }, (_, index) => `198.18.7.${index}`);
  const statuses = await Promise.all(addresses.map((address) => run('add', address)));
  assert.equal(new Set(statuses), new Set([0]));
  await eventually('all are in the list', async () => cloudflare.items.size === ADDS);
  for (const address of addresses) await reads(address, 'spooled', 'blocked');
  assert.ok(cloudflare.count('POST') <= ADDS / 2, `${cloudflare.count('POST')} operations`);
});

test('waits for as long as Cloudflare says, and while another operation runs', async () => {
  cloudflare.refusals = { count: 1, seconds: 2 };
  cloudflare.polls = 3;
  assert.is(await run('add', FIRST), 0);
  await reads(FIRST, 'spooled', 'blocked');
  const [first, second] = cloudflare.requests;
  assert.ok((second?.time ?? 0) - (first?.time ?? 0) >= 1990, 'the second request came too early');
});

test('adds an address only once when Cloudflare’s answer is lost', async () => {
  cloudflare.lostAnswers = 1;
  assert.is(await run('add', FIRST), 0);
  await reads(FIRST, 'spooled', 'blocked');
  assert.equal(cloudflare.ips, [FIRST]);
  assert.is(cloudflare.count('POST'), 1);
});

test('records a failed operation once, and blocks the address in a later sweep', async () => {
  cloudflare.operationError = 'the list is full';
  assert.is(await run('add', FIRST), 0);
  await reads(FIRST, 'spooled', 'failed');
  assert.match(String((await at.ledger(name, FIRST))?.failed), 'the list is full');
  const { exitCode, stderr } = await riposte('sweep', '--response', name);
  assert.is(exitCode, 69);
  assert.match(stderr, /failed: .*the list is full/);
  assert.equal(await words(FIRST), ['spooled', 'failed']);
  cloudflare.operationError = undefined;
  assert.is((await riposte('sweep', '--response', name)).exitCode, 0);
  assert.equal(await words(FIRST), ['spooled', 'failed', 'blocked']);
  assert.is((await at.ledger(name, FIRST))?.failed, undefined);
});

test('removes ended blocks from a full list, and then adds new blocks', async () => {
  cloudflare.mostItems = 2;
  cloudflare.add(OTHER, 'by the office');
  cloudflare.add(SECOND, MARK);
  assert.is(await run('add', FIRST), 0);
  await reads(FIRST, 'spooled', 'blocked');
  assert.equal(cloudflare.ips, [OTHER, FIRST].sort());
});

test('blocks a whole /64 while one of its IPv6 addresses is blocked', async () => {
  assert.is(await run('add', '2001:db8::7'), 0);
  assert.is(await run('add', '2001:db8::8'), 0);
  await reads('2001:db8::7', 'spooled', 'blocked');
  await reads('2001:db8::8', 'spooled', 'blocked');
  assert.equal(cloudflare.ips, ['2001:db8::/64']);
  assert.is(await run('delete', '2001:db8::7'), 0);
  await reads('2001:db8::7', 'spooled', 'blocked', 'spooled', 'unblocked');
  assert.equal(cloudflare.ips, ['2001:db8::/64']);
  assert.is(await run('delete', '2001:db8::8'), 0);
  await reads('2001:db8::8', 'spooled', 'blocked', 'spooled', 'unblocked');
  assert.equal(cloudflare.ips, []);
});

test('does not block an IPv6 address if its /64 holds a protected address', async () => {
  await at.write('etc/riposte.allow', '2001:db8::99\n');
  assert.is(await run('add', '2001:db8::7'), 0);
  await reads('2001:db8::7', 'held');
  assert.match((await at.log())[0] ?? '', 'never blocked: in the allow list 2001:db8::99');
  assert.equal(cloudflare.ips, []);
});

test('releases an IPv6 address in a sweep when the allow list has an address of its /64', async () => {
  assert.is(await run('add', '2001:db8::7'), 0);
  await reads('2001:db8::7', 'spooled', 'blocked');
  await at.write('etc/riposte.allow', '2001:db8::99\n');
  assert.is((await riposte('sweep', '--response', name)).exitCode, 0);
  await reads('2001:db8::7', 'spooled', 'blocked', 'spooled', 'unblocked');
  assert.equal(cloudflare.ips, []);
});

test('restores removed items in a sweep, and removes items that the ledger lacks', async () => {
  assert.is(await run('add', FIRST), 0);
  await reads(FIRST, 'spooled', 'blocked');
  cloudflare.items.clear();
  cloudflare.add(SECOND, MARK);
  assert.is((await riposte('sweep', '--response', name)).exitCode, 0);
  assert.equal(await words(FIRST), ['spooled', 'blocked', 'restored']);
  assert.equal(cloudflare.ips, [FIRST]);
  const { stdout } = await riposte('sweep', '--response', name);
  assert.is(stdout, '');
});

test('makes the list agree with the ledger after the delivery process was killed during an operation', async () => {
  cloudflare.polls = 1_000_000;
  assert.is(await run('add', FIRST), 0);
  await eventually('the process waits for the operation', async () => cloudflare.count('POST') === 1);
  const [pid = ''] = (await at.read('var/riposte/cloudflare/lock')).split(' ');
  process.kill(Number(pid), 'SIGKILL');
  assert.is(await run('delete', FIRST), 0);
  assert.is(await run('add', SECOND), 0);
  // Meanwhile Cloudflare finishes the operation of the killed process.
  cloudflare.polls = 1;
  cloudflare.add(FIRST, MARK);
  cloudflare.endOperations();
  await reads(SECOND, 'spooled', 'blocked');
  assert.is((await riposte('sweep', '--response', name)).exitCode, 0);
  assert.equal(cloudflare.ips, [SECOND]);
  assert.match((await riposte('status', '--response', name)).stdout, '1 blocked: 1 in force');
});

test('refuses a token that other users can read, and queues nothing', async () => {
  await chmod(token, 0o644);
  assert.is(await run('add', FIRST), 78);
  assert.match(
    (await at.log()).at(-1) ?? '',
    /failed: \S+token can be read by accounts other than root: run chmod 600/,
  );
  assert.is(await at.ledger(name, FIRST), undefined);
  await rm(token);
  assert.is(await run('add', FIRST), 78);
  assert.match((await at.log()).at(-1) ?? '', /failed: there is no \S+token: put TOKEN=/);
  assert.is(cloudflare.requests.length, 0);
});

inAll('names the token when Cloudflare refuses it', async () => {
  await writeFile(token, `TOKEN=wrong\nURL=${cloudflare.url}\n`);
  assert.is(await run('add', FIRST), 0);
  await reads(FIRST, 'spooled', 'failed');
  assert.match((await at.log()).at(-1) ?? '', /HTTP 403: Authentication error; check CLOUDFLARE_TOKEN_FILE/);
});

const ODD = {
  'HTML instead of JSON': [(response) => response.end('<html>'), /the answer is not a JSON object/],
  'a redirect': [
    (response) => response.writeHead(302, { location: 'http://127.0.0.2:9/' }).end(),
    /Cloudflare does not answer: /,
  ],
  'an answer without an end': [
    (response) => {
      const part = Buffer.alloc(1024 * 1024, ' ');
      const more = () => response.write(part, (error) => error ?? setImmediate(more));
      more();
    },
    /the answer is longer than \d+ bytes/,
  ],
  'a JSON list': [(response) => response.end('[1]'), /the answer is not a JSON object/],
  'JSON of another form': [(response) => response.end('{}'), /no reason given/],
} satisfies Record<string, [CloudflareServer['instead'] & object, RegExp]>;

for (const [what, [instead, message]] of Object.entries(ODD)) {
  inAll(`reports ${what}`, async () => {
    cloudflare.instead = instead;
    assert.is(await run('add', FIRST), 0);
    await reads(FIRST, 'spooled', 'failed');
    assert.match((await at.log()).at(-1) ?? '', message);
    cloudflare.instead = undefined;
    assert.is((await riposte('sweep', '--response', name)).exitCode, 0);
    assert.equal(cloudflare.ips, [FIRST]);
  });
}

test.run();
