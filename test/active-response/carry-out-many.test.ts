import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flavours } from '../../active-response/backend/apache/flavours.ts';
import { carryOutMany, type Decided, type Ended } from '../../active-response/carry-out-many.ts';
import type { Circumstances } from '../../active-response/circumstances.ts';
import { decide } from '../../active-response/decide.ts';
import { RiposteError } from '../../active-response/errors.ts';
import { homeAt } from '../../active-response/home.ts';
import { blockedAddresses, readBlock, readEnded } from '../../active-response/ledger.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { settlingOf } from '../../active-response/respond.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { directoryOfPrograms, requestWith, settingsWith, temporaryDirectory } from './support.ts';

/** A host without an IPv6 gateway. */
const PATH = `${directoryOfPrograms({ ip: '' })}:/usr/bin:/bin`;

type Asked = Partial<Request> & { readonly settings?: Partial<Settings>; readonly dryRun?: boolean };

/** apache-deny in a home of its own: what is in force there is a file. */
function scene() {
  const home = homeAt(temporaryDirectory());
  const decided = ({ settings, dryRun, ...request }: Asked): Decided => {
    const around: Omit<Circumstances, 'ask'> = {
      response: apacheDeny,
      home,
      settings: settingsWith(settings),
      env: { PATH },
      script: 'apache-deny.js',
      byHand: false,
      dryRun: dryRun ? () => {} : undefined,
    };
    const settling = settlingOf(around);
    const decision = decide(requestWith(request), around, settling);
    return {
      settling,
      kind: JSON.stringify(around.settings),
      decision: decision.is === 'ask' ? decision.answered('continue') : decision,
    };
  };
  const inForce = () =>
    [
      ...(flavours
        .map?.(settingsWith(), home)
        .list({} as never)
        .keys() ?? []),
    ].sort();
  return {
    home,
    /** All of them in one go, each decided before any is done. */
    run: async (...asked: Asked[]) => (await carryOutMany(asked.map(decided))).map(told),
    inForce,
    agree(...addresses: string[]) {
      assert.equal(blockedAddresses(home, 'apache-deny').sort(), addresses, 'the ledger');
      assert.equal(inForce(), addresses, 'what is in force');
    },
    block: (address: string) => readBlock(home, 'apache-deny', address),
    ended: (address: string) => readEnded(home, 'apache-deny', address),
  };
}

const told = (ended: Ended) =>
  ended instanceof RiposteError ? `error: ${ended.message}` : `${ended.word}: ${ended.address}`;
const add = (address: string, more: Asked = {}): Asked => ({ address, ...more });
const remove = (address: string, more: Asked = {}): Asked => ({ command: 'delete', address, ...more });
const [A, B, C] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'] as const;

test('nothing ends with nothing', async () => {
  assert.equal(await scene().run(), []);
});

test('each is answered in its place', async () => {
  const { run, agree } = scene();
  await run(add(B));
  assert.equal(await run(add(A), remove(B), add('127.0.0.1'), remove(C), add(C)), [
    `blocked: ${A}`,
    `unblocked: ${B}`,
    'held: 127.0.0.1',
    `already: ${C}`,
    `blocked: ${C}`,
  ]);
  agree(A, C);
});

test('the same address many times is one block, and one offence', async () => {
  const { run, agree, block } = scene();
  assert.equal(new Set(await run(add(A), add(A), add(B), add(A), add(B))).size, 2);
  agree(A, B);
  assert.is(block(A)?.offence, 1);
});

for (const order of ['add first', 'delete first'] as const) {
  test(`an add and the delete of an earlier alert leave the new block, ${order}`, async () => {
    const { run, agree, block } = scene();
    const [earlier, later] = ['1795166136.16', '1795166136.17'];
    await run(add(A, { alertId: earlier }));
    const both = [add(A, { alertId: later }), remove(A, { alertId: earlier })];
    await run(...(order === 'add first' ? both : both.reverse()));
    agree(A);
    assert.is(block(A)?.alert, later);
  });
}

test('two deletes of one block end it once', async () => {
  const { run, agree, ended } = scene();
  await run(add(A), add(B));
  assert.equal(await run(remove(A), remove(A), remove(B)), [
    `unblocked: ${A}`,
    `unblocked: ${A}`,
    `unblocked: ${B}`,
  ]);
  agree();
  assert.is(ended(A)?.offence, 1);
});

test('each has its own settings', async () => {
  const { run, agree, block } = scene();
  await run(add(A, { settings: { blockFor: [600] } }), add(B), add(C, { settings: { blockFor: [60] } }));
  agree(A, B, C);
  const seconds = [A, B, C].map((address) => {
    const { since = '', until } = block(address) ?? {};
    return until && Math.round((Date.parse(until) - Date.parse(since)) / 1000);
  });
  assert.equal(seconds, [600, null, 60]);
});

test('a dry run among them changes nothing', async () => {
  const { run, agree } = scene();
  assert.equal(await run(add(A, { dryRun: true }), add(B)), [`blocked: ${A}`, `blocked: ${B}`]);
  agree(B);
});

test('one whose place in the ledger cannot be written fails alone, and is not blocked', async () => {
  const { home, run, agree } = scene();
  mkdirSync(join(home.blocks, 'apache-deny', `.${B}.json.${process.pid}.tmp`), { recursive: true });
  const [a, b = '', c] = await run(add(A), add(B), add(C));
  assert.equal([a, c], [`blocked: ${A}`, `blocked: ${C}`]);
  assert.match(b, /^error: cannot write .*203\.0\.113\.2/);
  agree(A, C);
});

test('without a ledger each says why, and nobody is blocked', async () => {
  const { home, run, inForce } = scene();
  mkdirSync(home.blocks, { recursive: true });
  writeFileSync(join(home.blocks, 'apache-deny'), 'no directory');
  for (const each of await run(add(A), add(B), add(C)))
    assert.match(each, /^error: cannot write .*\/blocks\//);
  assert.equal(inForce(), []);
});

test('a backend that fails says so to each, and the ledger keeps why', async () => {
  const { home, run, block } = scene();
  await run(add(A));
  const map = join(home.apache, 'deny.map');
  const text = readFileSync(map, 'utf8');
  rmSync(map);
  mkdirSync(map);
  const ended = await run(add(B), add(C), remove(A));
  for (const each of ended) assert.match(each, /^error: .*deny\.map/);
  assert.match(block(B)?.failed ?? '', 'deny.map');
  assert.match(block(C)?.failed ?? '', 'deny.map');
  assert.is(block(A), undefined);
  rmSync(map, { recursive: true });
  writeFileSync(map, text);
});

test.run();
