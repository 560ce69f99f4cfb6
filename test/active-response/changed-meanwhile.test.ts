import fs, { readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  closeRequests,
  handleRequest,
  openRequest,
  withReply,
} from '../../active-response/handle-request.ts';
import { handleRequests } from '../../active-response/handle-requests.ts';
import { knownEntries, readBlock, readLedger } from '../../active-response/ledger.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { type ReconcileContext, reconcileContext } from '../../active-response/reconcile-context.ts';
import type { RequestContext } from '../../active-response/request-context.ts';
import { writeTogether } from '../../active-response/write-together.ts';
import { apacheContext } from './apache-context.ts';
import { requestWith } from './support.ts';

const ADDRESS = '203.0.113.9';

const ALERT: Partial<Request> = { command: 'add' };
const SERVER: Partial<Request> = { command: 'add', source: 'server', blockFor: 600 };
const OPERATOR: Partial<Request> = {
  command: 'add',
  source: 'operator',
  isOwn: true,
  blockFor: Number.POSITIVE_INFINITY,
};
const LIST: Partial<Request> = { command: 'add', source: 'list', origin: 'drop' };
const ONE: Partial<Request> = { command: 'add', origin: 'fail2ban:one' };
const TWO: Partial<Request> = { command: 'add', origin: 'fail2ban:two' };
const END_OF_LIST: Partial<Request> = { ...LIST, command: 'delete' };
const END_OF_ONE: Partial<Request> = { ...ONE, command: 'delete' };

/**
 * The moment at which the other request is handled. `decided`: after the slow request is decided. `read`: after the
 * ledger is read for the slow request. `written`: while the entry of the slow request is written, together with entries
 * of other requests.
 */
const HOW = ['decided', 'read', 'written'] as const;

/** The context of requests in a new home. */
function contextOf(): RequestContext {
  const context = apacheContext();
  return { ...context, script: join(context.home.root, 'active-response/bin/apache-deny.js') };
}

/** Handles a slow request, and meanwhile another request for the same address. */
async function scene(
  how: (typeof HOW)[number],
  earlier: readonly Partial<Request>[],
  slow: Partial<Request>,
  meanwhile: Partial<Request>,
  isDamaged = false,
) {
  const context = contextOf();
  const { home } = context;
  const request = (some: Partial<Request>) => requestWith({ address: ADDRESS, ...some });
  for (const each of earlier) await handleRequest(request(each), context);
  if (isDamaged) writeFileSync(join(home.blocks, 'apache-deny', `${ADDRESS}.json`), '{');
  const handleOther = () => handleRequest(request(meanwhile), context);
  const handleSlow = async () => {
    const known = knownEntries(home, 'apache-deny', readLedger(home, 'apache-deny'));
    if (how === 'read') {
      await handleOther();
      return (await handleRequests([request(slow)], context, known))[0];
    }
    const plain = reconcileContext(context);
    const slowly: ReconcileContext['writeTogether'] = async (...args) => {
      await handleOther();
      return writeTogether(...args);
    };
    const reconciling = how === 'decided' ? plain : { ...plain, writeTogether: slowly };
    const open = (some: Request) => withReply(openRequest(some, context, reconciling), 'continue');
    const opened = [slow, ...OTHERS].map((some) => open(request(some)));
    if (how === 'decided') await handleOther();
    return (await closeRequests(opened))[0];
  };
  const result = await handleSlow();
  const block = readBlock(home, 'apache-deny', ADDRESS);
  return {
    word: result?.outcome.word,
    origins: Object.keys(block?.origins ?? {}).sort(),
    rule: block?.rule,
    isBlocked: block !== undefined,
    until: block?.until,
  };
}

/** Requests for other addresses, because entries are written together only if there are several. */
const OTHERS: readonly Partial<Request>[] = ['203.0.113.10', '203.0.113.11'].map((address) => ({
  command: 'add',
  address,
}));

const RULE = requestWith({}).ruleId;

for (const [what, earlier, slow, meanwhile, expected] of [
  ['adds a list to the block of an alert', [], LIST, ALERT, ['blocked', ['drop'], RULE]],
  ['adds the block of an alert to a list', [], ALERT, LIST, ['blocked', ['drop'], RULE]],
  ['keeps the bans of two jails', [], ONE, TWO, ['blocked', ['fail2ban:one', 'fail2ban:two'], undefined]],
  ['keeps the block of an alert when the list ends', [LIST], END_OF_LIST, ALERT, ['kept', [], RULE]],
  ['keeps a list when a jail unbans', [ONE], END_OF_ONE, LIST, ['kept', ['drop'], undefined]],
  [
    'ends a block that two jails end at once',
    [ONE, TWO],
    END_OF_ONE,
    { ...TWO, command: 'delete' },
    ['unblocked', [], undefined],
  ],
] as const)
  for (const how of HOW)
    test(`${what}, even when another request comes after the first is ${how}`, async () => {
      const { word, origins, rule, isBlocked } = await scene(how, earlier, slow, meanwhile);
      assert.equal([word, origins, rule], expected);
      assert.is(isBlocked, word !== 'unblocked');
    });

for (const how of HOW)
  for (const [what, slow] of [
    ['alert', ALERT],
    ['server', SERVER],
    ['list', LIST],
  ] as const)
    test(`does not shorten an operator’s block that is made after the ${what} request is ${how}`, async () => {
      const { until } = await scene(how, [], slow, OPERATOR);
      assert.is(until, null);
    });

for (const how of HOW)
  for (const [what, slow] of [
    ['server', SERVER],
    ['delete', { command: 'delete' }],
  ] as const)
    test(`keeps an operator’s block that replaces a damaged entry after the ${what} request is ${how}`, async () => {
      const { until } = await scene(how, [ALERT], slow, OPERATOR, true);
      assert.is(until, null);
    });

test('does not shorten an operator’s block that is made while the disk writes an entry of the server', async () => {
  const request = (some: Partial<Request>) => requestWith({ address: ADDRESS, ...some });
  const entryIn = (context: RequestContext) => join(context.home.blocks, 'apache-deny', `${ADDRESS}.json`);
  const [context, other] = [contextOf(), contextOf()];
  await handleRequest(request(SERVER), context);
  await handleRequest(request(OPERATOR), other);
  const { fsyncSync } = fs;
  const change = (work: typeof fsyncSync) => {
    fs.fsyncSync = work;
    syncBuiltinESMExports();
  };
  change((fd) => {
    change(fsyncSync);
    fsyncSync(fd);
    writeFileSync(entryIn(context), readFileSync(entryIn(other)));
  });
  try {
    await handleRequest(request(SERVER), context);
  } finally {
    change(fsyncSync);
  }
  const { until, isOwn } = readBlock(context.home, 'apache-deny', ADDRESS) ?? {};
  assert.equal([until, isOwn], [null, true]);
});

test.run();
