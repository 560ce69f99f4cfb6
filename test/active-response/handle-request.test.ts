import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flavours } from '../../active-response/backend/apache/flavours.ts';
import { handleRequest } from '../../active-response/handle-request.ts';
import { homeAt } from '../../active-response/home.ts';
import { type Block, readBlock, readEnded, writeBlock } from '../../active-response/ledger.ts';
import type { ManagerReply } from '../../active-response/protocol/handshake.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import type { RequestContext } from '../../active-response/request-context.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { directoryOfPrograms, failureOf, requestWith, settingsWith, temporaryDirectory } from './support.ts';

const ADDRESS = '203.0.113.9';
/** A host without an IPv6 gateway. */
const PATH = `${directoryOfPrograms({ ip: '' })}:/usr/bin:/bin`;

interface Answering {
  readonly answer?: ManagerReply;
  /** Runs before the manager answers. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** A host with apache-deny in its own home. apache-deny needs only a file, not a firewall. */
function scene(some: Partial<Settings> & Readonly<Record<string, unknown>> = {}) {
  const home = homeAt(temporaryDirectory());
  const map = join(home.apache, 'deny.map');
  const said: string[] = [];
  const asked: string[] = [];
  const run = async (
    request: Partial<Request>,
    { answer = 'continue', meanwhile = async () => {}, ...changes }: Partial<RequestContext> & Answering = {},
  ) => {
    const context: RequestContext = {
      response: apacheDeny,
      home,
      settings: settingsWith(some),
      env: { PATH },
      script: join(home.root, 'active-response/bin/apache-deny.js'),
      dryRun: undefined,
      ...changes,
    };
    const { outcome, exitCode, unwritten } = await handleRequest(
      requestWith(request),
      context,
      async (key) => {
        asked.push(key);
        await meanwhile();
        return answer;
      },
    );
    assert.equal(unwritten, []);
    if (exitCode !== EX.OK) throw new RiposteError(exitCode, outcome.reason);
    return outcome;
  };
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

/** Seconds from now to the end of a block, rounded to ten, so that no test depends on the time. */
const secondsLeft = (block: Block | undefined) =>
  Math.round((Date.parse(block?.until ?? '') - Date.now()) / 10_000) * 10;

test('blocks in ledger and backend at an add, and unblocks in both at a delete', async () => {
  const host = scene();
  const added = await host.add();
  assert.is(added.word, 'blocked');
  assert.is(added.reason, 'until deleted, offence 1, by map');
  assert.is(added.address, ADDRESS);
  assert.equal(host.block(), JSON.parse(JSON.stringify(added.block)));
  assert.ok(host.isDenied());
  assert.is((await host.delete()).word, 'unblocked');
  assert.is(host.block(), undefined);
  assert.not(host.isDenied());
});

/** A scene whose backend takes prefixes: Apache 2.4 without a check and a reload. */
const wideScene = (some: Partial<Settings> & Readonly<Record<string, unknown>> = {}) =>
  scene({ apacheDeny: 'apache24', apacheCheck: [], apacheReload: [], ...some });
const IPV6 = '2001:db8:bad:7::9';
const NETWORK = '2001:db8:bad:7::/64';

test('blocks the IPv6 network for the server, and the named address for a manager', async () => {
  const host = wideScene();
  assert.is((await host.add(IPV6, { source: 'server' })).address, NETWORK);
  assert.is(host.block(NETWORK)?.offence, 1);
  assert.is((await host.add(IPV6)).address, IPV6);
  assert.is((await host.add(IPV6, { source: 'operator' })).address, IPV6);
});

test('blocks the network of IPV6_PREFIX for a manager, too, and unblocks it at the manager’s delete', async () => {
  const host = wideScene({ ipv6Prefix: 56 });
  const network = '2001:db8:bad::/56';
  assert.is((await host.add(IPV6)).address, network);
  assert.is((await host.add('2001:db8:bad:8::1', { source: 'server' })).address, network);
  assert.is((await host.add(IPV6, { source: 'operator' })).address, IPV6);
  assert.is((await host.delete('2001:db8:bad:8::1')).address, network);
  assert.is((await host.delete(IPV6)).address, IPV6);
  const off = wideScene({ ipv6Prefix: 128 });
  assert.is((await off.add(IPV6, { source: 'server' })).address, IPV6);
});

test('blocks only the address when its network has a protected address or the backend takes no prefixes', async () => {
  const host = wideScene();
  host.write(host.home.allowList, '2001:db8:bad:7::1\n');
  assert.is((await host.add(IPV6, { source: 'server' })).address, IPV6);
  assert.is((await host.add('2001:db8:bad:7::1', { source: 'server' })).word, 'held');
  assert.is((await scene().add(IPV6, { source: 'server' })).address, IPV6);
  assert.is((await wideScene().add(IPV6, { source: 'server', prefix: 128 })).address, IPV6);
  assert.is((await host.add('203.0.113.9', { source: 'server' })).address, '203.0.113.9');
});

test('records the alert in the ledger', async () => {
  const host = scene();
  await host.add(ADDRESS, { ruleLevel: 10 });
  const { rule, level, alert, location } = host.block() ?? {};
  assert.equal(
    [rule, level, alert, location],
    ['31151', 10, '1795166136.16', '/var/log/apache2/access.log -'],
  );
});

test('succeeds for a second add and a second delete', async () => {
  const host = scene();
  await host.add();
  const { since } = host.block() ?? {};
  const renewed = await host.add();
  assert.equal([renewed.word, renewed.reason], ['already', 'renewed until deleted, offence 1, by map']);
  assert.is(host.block()?.since, since);
  assert.is(host.block()?.offence, 1);
  await host.delete();
  const again = await host.delete();
  assert.equal([again.word, again.reason], ['already', 'the address was not blocked']);
});

test('calls no backend and writes nothing for a delete without an add', async () => {
  const host = scene();
  assert.is((await host.delete()).word, 'already');
  assert.equal(host.asked, []);
  assert.is(host.ended(), undefined);
});

test('uses the IPv4 form of a mapped address in ledger, backend and key', async () => {
  const host = scene();
  assert.is((await host.add(`::ffff:${ADDRESS}`)).address, ADDRESS);
  assert.ok(host.isDenied());
  assert.equal(host.asked, [ADDRESS]);
  assert.is((await host.delete('::ffff:cb00:7109')).word, 'unblocked');
});

test('counts an offence at each new block, and blocks for the times of BLOCK_FOR', async () => {
  const host = scene({ blockFor: [600, 7200] });
  const times: number[] = [];
  for (const offence of [1, 2, 3]) {
    await host.add();
    assert.is(host.block()?.offence, offence);
    times.push(secondsLeft(host.block()));
    await host.run({ source: 'operator', command: 'delete' });
  }
  assert.equal(times, [600, 7200, 7200]);
});

test('counts a block that ended by itself as an offence', async () => {
  const host = scene({ blockFor: [600, 7200] });
  await host.add();
  const block = host.block();
  assert.ok(block);
  writeBlock(host.home, { ...block, until: '2000-01-01T00:00:00.000Z' });
  await host.add();
  assert.is(host.block()?.offence, 2);
});

test('keeps a block of BLOCK_FOR at a manager’s delete, and ends it at an operator’s delete', async () => {
  const host = scene({ blockFor: [600] });
  await host.add();
  const kept = await host.delete();
  assert.is(kept.word, 'kept');
  assert.is(kept.reason, `BLOCK_FOR keeps it until ${host.block()?.until}`);
  assert.ok(host.isDenied());
  assert.is((await host.run({ source: 'operator', command: 'delete' })).word, 'unblocked');
  assert.not(host.isDenied());
});

test('keeps an operator’s block when an alert would shorten it or a manager ends it', async () => {
  const { add, run, block } = scene();
  await add(ADDRESS, { isOwn: true, timeout: 0, blockFor: 86_400 });
  const { until } = block() ?? {};
  await add(ADDRESS, { source: 'wazuh5', timeout: 600 });
  assert.is(block()?.until, until);
  assert.is((await run({ command: 'delete', address: ADDRESS })).word, 'kept');
  assert.is(block()?.until, until);
  await add(ADDRESS, { source: 'wazuh5', timeout: 200_000 });
  assert.ok((block()?.until ?? '') > (until ?? ''));
  await add(ADDRESS, { source: 'wazuh5', timeout: 0 });
  assert.is(block()?.until, null);
  assert.is((await run({ source: 'operator', command: 'delete', address: ADDRESS })).word, 'unblocked');
});

/** A request of `riposte serve`, whose class of attack decides the time. */
const byServer = { source: 'server', times: [86_400], ruleId: '117101' } as const;

test('keeps a block of serve when a manager’s alert would shorten it or a manager’s delete would end it', async () => {
  const { add, run, block } = scene();
  await add(ADDRESS, byServer);
  const { until } = block() ?? {};
  assert.is((await add(ADDRESS, { source: 'wazuh5', timeout: 60 })).word, 'already');
  assert.is(block()?.until, until);
  const end = await run({ source: 'wazuh5', command: 'delete', address: ADDRESS });
  assert.equal([end.word, end.reason], ['kept', `blocked here, until ${until}`]);
  assert.equal([block()?.until, block()?.alert], [until, undefined]);
  assert.is((await run({ source: 'operator', command: 'delete', address: ADDRESS })).word, 'unblocked');
});

test('shortens a manager’s block to the time of serve when the manager deletes its block', async () => {
  const { add, run, block } = scene();
  await add(ADDRESS, { source: 'wazuh5', timeout: 0 });
  await add(ADDRESS, byServer);
  assert.is(block()?.until, null);
  assert.is((await run({ source: 'wazuh5', command: 'delete', address: ADDRESS })).word, 'kept');
  assert.ok(secondsLeft(block()) > 86_300);
  assert.ok(secondsLeft(block()) <= 86_400);
});

test('lets a manager end its block once the time of serve is over', async () => {
  const { add, run, block } = scene();
  await add(ADDRESS, { ...byServer, times: [0.001] });
  await add(ADDRESS, { source: 'wazuh5', timeout: 600 });
  assert.is(secondsLeft(block()), 900);
  assert.is((await run({ source: 'wazuh5', command: 'delete', address: ADDRESS })).word, 'unblocked');
});

test('keeps an operator’s permanent block permanent at an alert', async () => {
  const { add, block } = scene({ blockFor: [60] });
  await add(ADDRESS, { isOwn: true, blockFor: undefined, timeout: 0 });
  assert.ok(block()?.until);
  const forever = scene();
  await forever.add(ADDRESS, { isOwn: true, timeout: 0 });
  await forever.add(ADDRESS, { source: 'wazuh5', timeout: 600 });
  assert.is(forever.block()?.until, null);
});

test('lets an operator shorten an earlier block', async () => {
  const { add, block } = scene();
  await add(ADDRESS, { isOwn: true, timeout: 0, blockFor: 86_400 });
  await add(ADDRESS, { isOwn: true, timeout: 0, blockFor: 60 });
  assert.ok(Date.parse(block()?.until ?? '') < Date.now() + 61_000);
});

test('blocks a little longer than the manager’s timeout in ar.conf and ossec.conf', async () => {
  const host = scene();
  host.write(host.home.arConf, 'apache-deny600 - apache-deny.js - 600\n');
  await host.add();
  assert.is(secondsLeft(host.block()), 900);
  host.write(host.home.ossecConf, '<repeated_offenders>60</repeated_offenders>');
  await host.add();
  assert.is(secondsLeft(host.block()), 3900);
});

test('does not block a protected address (held), and does not ask the manager', async () => {
  const host = scene();
  const held = await host.add('127.0.0.1');
  assert.is(held.word, 'held');
  assert.is(held.reason, '127.0.0.1 is never blocked: loopback 127.0.0.0/8');
  assert.equal(host.asked, []);
  assert.is(host.block('127.0.0.1'), undefined);
});

test('unblocks a protected address that is blocked', async () => {
  const host = scene();
  await host.add();
  host.write(host.home.allowList, `${ADDRESS}\n`);
  assert.is((await host.add()).word, 'held');
  assert.is((await host.delete()).word, 'unblocked');
  assert.not(host.isDenied());
});

test('does not block when the manager aborts and the ledger has no block', async () => {
  const host = scene();
  const outcome = await host.run({}, { answer: 'abort' });
  assert.equal([outcome.word, outcome.reason], ['already', 'the manager says that it is blocked']);
  assert.is(host.block(), undefined);
});

test('renews a block in the ledger when the manager aborts', async () => {
  const host = scene({ blockFor: [600] });
  await host.add();
  const block = host.block();
  assert.ok(block);
  writeBlock(host.home, { ...block, until: new Date(Date.now() + 60_000).toISOString() });
  assert.is((await host.run({}, { answer: 'abort' })).word, 'already');
  assert.is(secondsLeft(host.block()), 600);
});

test('blocks again when the block ended while the manager was asked, and the manager aborts', async () => {
  const host = scene({ blockFor: [600] });
  await host.add();
  const { word } = await host.run(
    {},
    { answer: 'abort', meanwhile: () => host.run({ command: 'delete', source: 'operator' }) },
  );
  assert.is(word, 'blocked');
  assert.is(secondsLeft(host.block()), 600);
  assert.ok(host.isDenied());
});

test('records one block for many alerts of a manager about one address', async () => {
  for (const source of ['ossec', 'wazuh4', 'wazuh5'] as const) {
    const host = scene();
    const words: string[] = [];
    for (const answer of ['continue', 'abort', 'continue', 'silence'] as const)
      words.push((await host.run({ source }, { answer })).word);
    assert.equal(words, ['blocked', 'already', 'already', 'already'], source);
  }
});

test('records a block again when it changed, failed or ended, or when an operator asks', async () => {
  const host = scene({ blockFor: [600, 86_400] });
  const again = (request: Partial<Request> = {}, changes: Partial<RequestContext> = {}) =>
    host.run(request, { ...changes, answer: 'abort' });
  await host.add();
  assert.is((await again({ ruleLevel: 15 })).word, 'blocked');
  assert.is(secondsLeft(host.block()), 86_400);
  assert.is((await again({ ruleLevel: 15 })).word, 'already');
  assert.is((await again({ source: 'operator' })).word, 'blocked');
  assert.is((await again({}, { isRetry: true })).word, 'blocked');
  const block = host.block() as Block;
  writeBlock(host.home, { ...block, failed: 'no such file' });
  assert.is((await again()).word, 'blocked');
  writeBlock(host.home, { ...block, until: new Date(Date.now() - 1000).toISOString() });
  assert.is((await again()).word, 'blocked');
});

test('blocks with a remark when the manager does not answer', async () => {
  const host = scene();
  const outcome = await host.run({}, { answer: 'silence' });
  assert.is(outcome.word, 'blocked');
  assert.match(outcome.reason, /; the manager gave no answer$/);
  assert.ok(host.isDenied());
});

test('refuses an invalid address without calling a backend or writing', async () => {
  const host = scene();
  for (const address of ['', '-rf', 'www.example.com', '0.0.0.0/0'])
    assert.is((await failureOf(host.add(address))).exitCode, EX.DATAERR, address);
  assert.equal(host.asked, []);
});

test('keeps no block in the ledger when a setting does not allow it', async () => {
  const host = scene();
  assert.is((await failureOf(host.add('198.51.100.0/24'))).exitCode, EX.CONFIG);
  assert.is(host.block('198.51.100.0/24'), undefined);
});

test('keeps a failed block in the ledger, with the reason, for a retry', async () => {
  const host = scene({ apacheDeny: 'apache24', apacheCheck: ['/nowhere/check'] });
  const error = await failureOf(host.add());
  assert.is(error.exitCode, EX.UNAVAILABLE);
  assert.is(host.block()?.failed, error.message);
});

test('moves a block to the new backend when the setting changes', async () => {
  const host = scene();
  await host.add();
  const settings = settingsWith({ apacheDeny: 'apache24', apacheCheck: [], apacheReload: [] });
  assert.is((await host.run({}, { settings })).reason, 'until deleted, offence 1, by apache24');
  assert.not(host.isDenied());
  assert.match(
    readFileSync(join(host.home.apache, 'deny.apache24.conf'), 'utf8'),
    /^Require not ip 203\.0\.113\.9$/m,
  );
});

test('writes nothing in a dry run, and prints the changes', async () => {
  const host = scene();
  const dryRun = (line: string) => host.said.push(line);
  assert.is((await host.run({}, { dryRun })).word, 'blocked');
  assert.is(host.block(), undefined);
  await host.add();
  assert.is((await host.run({ command: 'delete' }, { dryRun })).word, 'unblocked');
  assert.ok(host.isDenied());
  assert.is(host.block()?.offence, 1);
  const map = join(host.home.apache, 'deny.map');
  assert.equal(host.said, [
    `would append '${ADDRESS} deny' to ${map}`,
    `would comment out ${ADDRESS} in ${map}`,
  ]);
});

test('completes a failed delete at the next delete when only the ledger was changed', async () => {
  const { add, run, home, isDenied, write, mapText } = scene();
  await add();
  const text = mapText();
  await run({ command: 'delete', address: ADDRESS });
  write(join(home.apache, 'deny.map'), text); // restores the file, as if the delete had not reached the backend
  assert.ok(isDenied());
  assert.is((await run({ command: 'delete', address: ADDRESS })).word, 'already');
  assert.not(isDenied());
});

test('ends a permanent and an expired block at a delete, despite BLOCK_FOR', async () => {
  for (const until of [null, new Date(Date.now() - 1000).toISOString()]) {
    const host = scene({ blockFor: [86_400] });
    await host.add();
    writeBlock(host.home, { ...(host.block() as Block), until });
    assert.is((await host.delete()).word, 'unblocked');
    assert.not(host.isDenied());
  }
});

test('removes the address from both files when APACHE_DENY has changed', async () => {
  const host = scene();
  await host.add('203.0.113.1');
  const ok = directoryOfPrograms({ ok: 'exit 0' });
  const settings = settingsWith({ apacheDeny: 'apache24', apacheCheck: [join(ok, 'ok')], apacheReload: [] });
  await host.run({ address: '203.0.113.2' }, { settings });
  await host.run({ command: 'delete', address: '203.0.113.1' }, { settings });
  assert.not.match(readFileSync(join(host.home.apache, 'deny.apache24.conf'), 'utf8'), '203.0.113.1');
});

test.run();
