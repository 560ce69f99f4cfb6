import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flavours } from '../../active-response/backend/apache/flavours.ts';
import type { Circumstances } from '../../active-response/circumstances.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { homeAt } from '../../active-response/home.ts';
import { type Block, readBlock, readEnded, writeBlock } from '../../active-response/ledger.ts';
import type { Answer } from '../../active-response/protocol/handshake.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { respond } from '../../active-response/respond.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { directoryOfPrograms, requestWith, settingsWith, temporaryDirectory } from './support.ts';

const ADDRESS = '203.0.113.9';
/** A host without an IPv6 gateway. */
const PATH = `${directoryOfPrograms({ ip: '' })}:/usr/bin:/bin`;

/** apache-deny in a home of its own: it needs no firewall, only a file. */
function scene(some: Partial<Settings> = {}) {
  const home = homeAt(temporaryDirectory());
  const map = join(home.apache, 'deny.map');
  const said: string[] = [];
  const asked: string[] = [];
  const run = (request: Partial<Request>, around: Partial<Circumstances> & { answer?: Answer } = {}) =>
    respond(requestWith(request), {
      response: apacheDeny,
      home,
      settings: settingsWith(some),
      env: { PATH },
      script: 'apache-deny.js',
      byHand: false,
      dryRun: undefined,
      ask: async (key) => {
        asked.push(key);
        return around.answer ?? 'continue';
      },
      ...around,
    });
  return {
    home,
    said,
    asked,
    run,
    add: (address = ADDRESS, more: Partial<Request> = {}) => run({ address, ...more }),
    delete: (address = ADDRESS) => run({ command: 'delete', address }),
    block: (address = ADDRESS) => readBlock(home, 'apache-deny', address),
    ended: () => readEnded(home, 'apache-deny', ADDRESS),
    isDenied: (address = ADDRESS) =>
      flavours
        .map?.(settingsWith(), home)
        .list({} as never)
        .has(address),
    mapText: () => readFileSync(map, 'utf8'),
    write: (file: string, text: string) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
  };
}

async function failureOf(promise: Promise<unknown>): Promise<RiposteError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, RiposteError, String(error));
    return error as RiposteError;
  }
  assert.unreachable('it threw nothing');
  throw new Error('unreachable');
}

/** Seconds from now to the end of a block, to the nearest ten: no test waits for a clock. */
const secondsLeft = (block: Block | undefined) =>
  Math.round((Date.parse(block?.until ?? '') - Date.now()) / 10_000) * 10;

test('an add is in the ledger and in force, and a delete ends both', async () => {
  const it = scene();
  const added = await it.add();
  assert.is(added.word, 'blocked');
  assert.is(added.reason, 'until deleted, offence 1, by map');
  assert.is(added.address, ADDRESS);
  assert.equal(it.block(), JSON.parse(JSON.stringify(added.block)));
  assert.ok(it.isDenied());
  assert.is((await it.delete()).word, 'unblocked');
  assert.is(it.block(), undefined);
  assert.not(it.isDenied());
});

test('the ledger knows which alert it was', async () => {
  const it = scene();
  await it.add(ADDRESS, { ruleLevel: 10 });
  const { rule, level, alert, location } = it.block() ?? {};
  assert.equal(
    [rule, level, alert, location],
    ['31151', 10, '1795166136.16', '/var/log/apache2/access.log -'],
  );
});

test('adding twice and deleting twice end well', async () => {
  const it = scene();
  await it.add();
  const { since } = it.block() ?? {};
  assert.is((await it.add()).word, 'blocked');
  assert.is(it.block()?.since, since);
  assert.is(it.block()?.offence, 1);
  await it.delete();
  const again = await it.delete();
  assert.equal([again.word, again.reason], ['already', 'it was not blocked']);
});

test('a delete without an add asks nobody and writes nothing', async () => {
  const it = scene();
  assert.is((await it.delete()).word, 'already');
  assert.equal(it.asked, []);
  assert.is(it.ended(), undefined);
});

test('a mapped address is the one in it, in the ledger, the backend and the manager’s key', async () => {
  const it = scene();
  assert.is((await it.add(`::ffff:${ADDRESS}`)).address, ADDRESS);
  assert.ok(it.isDenied());
  assert.equal(it.asked, [ADDRESS]);
  assert.is((await it.delete('::ffff:cb00:7109')).word, 'unblocked');
});

test('each block after an end is one offence more, and lasts as long as BLOCK_FOR says', async () => {
  const it = scene({ blockFor: [600, 7200] });
  const times: number[] = [];
  for (const offence of [1, 2, 3]) {
    await it.add();
    assert.is(it.block()?.offence, offence);
    times.push(secondsLeft(it.block()));
    await it.run({ command: 'delete' }, { byHand: true });
  }
  assert.equal(times, [600, 7200, 7200]);
});

test('a block that has ended by itself counts as an offence', async () => {
  const it = scene({ blockFor: [600, 7200] });
  await it.add();
  const block = it.block();
  assert.ok(block);
  writeBlock(it.home, { ...block, until: '2000-01-01T00:00:00.000Z' });
  await it.add();
  assert.is(it.block()?.offence, 2);
});

test('with BLOCK_FOR the manager’s delete is kept from ending a block, a person’s is not', async () => {
  const it = scene({ blockFor: [600] });
  await it.add();
  const kept = await it.delete();
  assert.is(kept.word, 'kept');
  assert.is(kept.reason, `BLOCK_FOR keeps it until ${it.block()?.until}`);
  assert.ok(it.isDenied());
  assert.is((await it.run({ command: 'delete' }, { byHand: true })).word, 'unblocked');
  assert.not(it.isDenied());
});

test('what a person has blocked no alert shortens, and no manager ends', async () => {
  const { add, run, block } = scene();
  await add(ADDRESS, { isOwn: true, timeout: 0, blockFor: 86_400 });
  const { until } = block() ?? {};
  await add(ADDRESS, { protocol: 'wazuh5', timeout: 600 });
  assert.is(block()?.until, until);
  assert.is((await run({ command: 'delete', address: ADDRESS })).word, 'kept');
  assert.is(block()?.until, until);
  await add(ADDRESS, { protocol: 'wazuh5', timeout: 200_000 });
  assert.ok((block()?.until ?? '') > (until ?? ''));
  await add(ADDRESS, { protocol: 'wazuh5', timeout: 0 });
  assert.is(block()?.until, null);
  assert.is((await run({ command: 'delete', address: ADDRESS }, { byHand: true })).word, 'unblocked');
});

test('what a person has blocked for ever an alert does not give an end', async () => {
  const { add, block } = scene({ blockFor: [60] });
  await add(ADDRESS, { isOwn: true, blockFor: undefined, timeout: 0 });
  assert.ok(block()?.until);
  const forever = scene();
  await forever.add(ADDRESS, { isOwn: true, timeout: 0 });
  await forever.add(ADDRESS, { protocol: 'wazuh5', timeout: 600 });
  assert.is(forever.block()?.until, null);
});

test('a person may shorten his own block', async () => {
  const { add, block } = scene();
  await add(ADDRESS, { isOwn: true, timeout: 0, blockFor: 86_400 });
  await add(ADDRESS, { isOwn: true, timeout: 0, blockFor: 60 });
  assert.ok(Date.parse(block()?.until ?? '') < Date.now() + 61_000);
});

test('the time of the manager is that of ar.conf and ossec.conf, and a little more', async () => {
  const it = scene();
  it.write(it.home.arConf, 'apache-deny600 - apache-deny.js - 600\n');
  await it.add();
  assert.is(secondsLeft(it.block()), 900);
  it.write(it.home.ossecConf, '<repeated_offenders>60</repeated_offenders>');
  await it.add();
  assert.is(secondsLeft(it.block()), 3900);
});

test('a protected address is held, and the manager is not asked', async () => {
  const it = scene();
  const held = await it.add('127.0.0.1');
  assert.is(held.word, 'held');
  assert.is(held.reason, '127.0.0.1 is never blocked: loopback 127.0.0.0/8');
  assert.equal(it.asked, []);
  assert.is(it.block('127.0.0.1'), undefined);
});

test('a protected address that is blocked nevertheless can be unblocked', async () => {
  const it = scene();
  await it.add();
  it.write(it.home.allowList, `${ADDRESS}\n`);
  assert.is((await it.add()).word, 'held');
  assert.is((await it.delete()).word, 'unblocked');
  assert.not(it.isDenied());
});

test('the manager’s abort leaves a block alone that Riposte does not know of', async () => {
  const it = scene();
  const outcome = await it.run({}, { answer: 'abort' });
  assert.equal([outcome.word, outcome.reason], ['already', 'the manager says that it is blocked']);
  assert.is(it.block(), undefined);
});

test('the manager’s abort renews a block that Riposte knows of', async () => {
  const it = scene({ blockFor: [600] });
  await it.add();
  const block = it.block();
  assert.ok(block);
  writeBlock(it.home, { ...block, until: new Date(Date.now() + 60_000).toISOString() });
  assert.is((await it.run({}, { answer: 'abort' })).word, 'blocked');
  assert.is(secondsLeft(it.block()), 600);
});

test('without an answer the address is blocked, and the reason says so', async () => {
  const it = scene();
  const outcome = await it.run({}, { answer: 'silence' });
  assert.is(outcome.word, 'blocked');
  assert.match(outcome.reason, /; the manager gave no answer$/);
  assert.ok(it.isDenied());
});

test('what is no address asks nobody and writes nothing', async () => {
  const it = scene();
  for (const address of ['', '-rf', 'www.example.com', '0.0.0.0/0'])
    assert.is((await failureOf(it.add(address))).exitCode, EX.DATAERR, address);
  assert.equal(it.asked, []);
});

test('a block that a wrong setting makes impossible is not kept', async () => {
  const it = scene();
  assert.is((await failureOf(it.add('198.51.100.0/24'))).exitCode, EX.CONFIG);
  assert.is(it.block('198.51.100.0/24'), undefined);
});

test('a block that could not be carried out is in the ledger with the reason, for a later try', async () => {
  const it = scene({ apacheDeny: 'apache24', apacheCheck: ['/nowhere/check'] });
  const error = await failureOf(it.add());
  assert.is(error.exitCode, EX.UNAVAILABLE);
  assert.is(it.block()?.failed, error.message);
});

test('a new backend takes the block over from the one in the ledger', async () => {
  const it = scene();
  await it.add();
  const settings = settingsWith({ apacheDeny: 'apache24', apacheCheck: [], apacheReload: [] });
  assert.is((await it.run({}, { settings })).reason, 'until deleted, offence 1, by apache24');
  assert.not(it.isDenied());
  assert.match(
    readFileSync(join(it.home.apache, 'deny.apache24.conf'), 'utf8'),
    /^Require not ip 203\.0\.113\.9$/m,
  );
});

test('a dry run writes nothing, and says what it would do', async () => {
  const it = scene();
  const dryRun = (line: string) => it.said.push(line);
  assert.is((await it.run({}, { dryRun })).word, 'blocked');
  assert.is(it.block(), undefined);
  await it.add();
  assert.is((await it.run({ command: 'delete' }, { dryRun })).word, 'unblocked');
  assert.ok(it.isDenied());
  assert.is(it.block()?.offence, 1);
  const map = join(it.home.apache, 'deny.map');
  assert.equal(it.said, [
    `would append '${ADDRESS} deny' to ${map}`,
    `would comment out ${ADDRESS} in ${map}`,
  ]);
});

test('a delete that failed behind the ledger is finished by the next one', async () => {
  const { add, run, home, isDenied, write, mapText } = scene();
  await add();
  const text = mapText();
  await run({ command: 'delete', address: ADDRESS });
  write(join(home.apache, 'deny.map'), text); // as if it had never reached the backend
  assert.ok(isDenied());
  assert.is((await run({ command: 'delete', address: ADDRESS })).word, 'already');
  assert.not(isDenied());
});

test('BLOCK_FOR keeps nothing that has ended, and nothing without an end', async () => {
  for (const until of [null, new Date(Date.now() - 1000).toISOString()]) {
    const it = scene({ blockFor: [86_400] });
    await it.add();
    writeBlock(it.home, { ...(it.block() as Block), until });
    assert.is((await it.delete()).word, 'unblocked');
    assert.not(it.isDenied());
  }
});

test('an unblock after APACHE_DENY has changed leaves the address in neither file', async () => {
  const home = scene();
  await home.add('203.0.113.1');
  const ok = directoryOfPrograms({ ok: 'exit 0' });
  const settings = settingsWith({ apacheDeny: 'apache24', apacheCheck: [join(ok, 'ok')], apacheReload: [] });
  await home.run({ address: '203.0.113.2' }, { settings });
  await home.run({ command: 'delete', address: '203.0.113.1' }, { settings });
  assert.not.match(readFileSync(join(home.home.apache, 'deny.apache24.conf'), 'utf8'), '203.0.113.1');
});

test.run();
