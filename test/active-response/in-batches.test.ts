import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flavours } from '../../active-response/backend/apache/flavours.ts';
import { closeRequests, openRequest, withReply } from '../../active-response/handle-request.ts';
import { homeAt } from '../../active-response/home.ts';
import { inBatches } from '../../active-response/in-batches.ts';
import { blockedAddresses, readBlock, readEnded } from '../../active-response/ledger.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { type ReconcileContext, reconcileContext } from '../../active-response/reconcile-context.ts';
import type { Result } from '../../active-response/record/result.ts';
import type { RequestContext } from '../../active-response/request-context.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { writeTogether } from '../../active-response/write-together.ts';
import { EX } from '../../base/errors.ts';
import { directoryOfPrograms, requestWith, settingsWith, temporaryDirectory } from './support.ts';

/** The PATH of a host without an IPv6 gateway. */
const PATH = `${directoryOfPrograms({ ip: '' })}:/usr/bin:/bin`;

type GivenRequest = Partial<Request> & { readonly settings?: Partial<Settings>; readonly dryRun?: boolean };

/** apache-deny in a separate home: its blocks in force are the lines of a file. */
function scene() {
  const home = homeAt(temporaryDirectory());
  const contexts = new Map<string, ReconcileContext>();
  const open = ({ settings, dryRun, ...request }: GivenRequest) => {
    const context: RequestContext = {
      response: apacheDeny,
      home,
      settings: settingsWith(settings),
      env: { PATH },
      script: join(home.root, 'active-response/bin/apache-deny.js'),
      dryRun: dryRun ? () => {} : undefined,
    };
    const reconciling = () => {
      if (dryRun) return reconcileContext(context);
      const key = JSON.stringify(context.settings);
      const shared = contexts.get(key) ?? { ...reconcileContext(context), writeTogether };
      contexts.set(key, shared);
      return shared;
    };
    return { request: withReply(openRequest(requestWith(request), context, reconciling()), 'continue') };
  };
  const run = async (...given: GivenRequest[]) => {
    const all = given.map(open);
    const results = new Map<(typeof all)[number], string>();
    for (const batch of inBatches(all)) {
      const closed = await closeRequests(batch.map(({ request }) => request));
      for (const [index, each] of batch.entries()) results.set(each, describe(closed[index] as Result));
    }
    return all.map((each) => results.get(each) ?? 'nothing');
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
    /** Handles all requests together: decides all of them before it applies the first. */
    run,
    inForce,
    agree(...addresses: string[]) {
      assert.equal(blockedAddresses(home, 'apache-deny').sort(), addresses, 'the ledger');
      assert.equal(inForce(), addresses, 'in force');
    },
    block: (address: string) => readBlock(home, 'apache-deny', address),
    ended: (address: string) => readEnded(home, 'apache-deny', address),
  };
}

const describe = ({ outcome, exitCode }: Result) =>
  exitCode === EX.OK ? `${outcome.word}: ${outcome.address}` : `error: ${outcome.reason}`;
const add = (address: string, more: GivenRequest = {}): GivenRequest => ({ address, ...more });
const remove = (address: string, more: GivenRequest = {}): GivenRequest => ({
  command: 'delete',
  address,
  ...more,
});
const [A, B, C] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'] as const;

test('returns no result for no request', async () => {
  assert.equal(await scene().run(), []);
});

test('returns the results in the order of the requests', async () => {
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

test('makes one block and counts one offence when several requests are for one address', async () => {
  const { run, agree, block } = scene();
  assert.equal(await run(add(A), add(A), add(B), add(A), add(B)), [
    `blocked: ${A}`,
    `already: ${A}`,
    `blocked: ${B}`,
    `already: ${A}`,
    `already: ${B}`,
  ]);
  agree(A, B);
  assert.is(block(A)?.offence, 1);
});

for (const order of ['add first', 'delete first'] as const) {
  test(`keeps the new block when the delete belongs to an earlier alert, ${order}`, async () => {
    const { run, agree, block } = scene();
    const [earlier, later] = ['1795166136.16', '1795166136.17'];
    await run(add(A, { alertId: earlier }));
    const both = [add(A, { alertId: later }), remove(A, { alertId: earlier })];
    await run(...(order === 'add first' ? both : both.reverse()));
    agree(A);
    assert.is(block(A)?.alert, later);
  });
}

test('ends a block once when two requests delete it', async () => {
  const { run, agree, ended } = scene();
  await run(add(A), add(B));
  assert.equal(await run(remove(A), remove(A), remove(B)), [
    `unblocked: ${A}`,
    `already: ${A}`,
    `unblocked: ${B}`,
  ]);
  agree();
  assert.is(ended(A)?.offence, 1);
});

test('handles an address with a damaged entry like the other addresses', async () => {
  const { home, run, agree } = scene();
  await run(add(A), add(B));
  writeFileSync(join(home.blocks, 'apache-deny', `${A}.json`), '{');
  assert.equal(await run(add(A), add(C), remove(B)), [`blocked: ${A}`, `blocked: ${C}`, `unblocked: ${B}`]);
  agree(A, C);
});

test('applies the settings of each request', async () => {
  const { run, agree, block } = scene();
  await run(add(A, { settings: { blockFor: [600] } }), add(B), add(C, { settings: { blockFor: [60] } }));
  agree(A, B, C);
  const seconds = [A, B, C].map((address) => {
    const { since = '', until } = block(address) ?? {};
    return until && Math.round((Date.parse(until) - Date.parse(since)) / 1000);
  });
  assert.equal(seconds, [600, null, 60]);
});

test('changes nothing for a dry run among other requests', async () => {
  const { run, agree } = scene();
  assert.equal(await run(add(A, { dryRun: true }), add(B)), [`blocked: ${A}`, `blocked: ${B}`]);
  agree(B);
});

/**
 * As root, Riposte blocks an attacker even if the ledger entry cannot be written, because the block is more important
 * than the entry.
 */
const isRoot = process.geteuid?.() === 0;

test('blocks as root even if one ledger entry cannot be written, and otherwise fails only that request', async () => {
  const { home, run, inForce } = scene();
  mkdirSync(join(home.blocks, 'apache-deny', `.${B}.json.${process.pid}.tmp`), { recursive: true });
  const [a, b = '', c] = await run(add(A), add(B), add(C));
  assert.equal([a, c], [`blocked: ${A}`, `blocked: ${C}`]);
  assert.match(b, isRoot ? /^blocked: / : /^error: cannot write .*203\.0\.113\.2/);
  assert.equal(inForce(), isRoot ? [A, B, C] : [A, C]);
});

test('blocks as root even if the ledger cannot be written, and otherwise fails each request', async () => {
  const { home, run, inForce } = scene();
  mkdirSync(home.blocks, { recursive: true });
  writeFileSync(join(home.blocks, 'apache-deny'), 'no directory');
  for (const each of await run(add(A), add(B), add(C)))
    assert.match(each, isRoot ? /^blocked: / : /^error: cannot write .*\/blocks\//);
  assert.equal(inForce(), isRoot ? [A, B, C] : []);
});

test('fails each request and records the reason when the backend fails', async () => {
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
