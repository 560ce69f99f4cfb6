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
import { homeAt } from '../../active-response/home.ts';
import { knownEntries, readBlock, readLedger } from '../../active-response/ledger.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import type { RequestContext } from '../../active-response/request-context.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import { directoryOfPrograms, requestWith, settingsWith, temporaryDirectory } from './support.ts';

const ADDRESS = '203.0.113.9';

const ALERT: Partial<Request> = { command: 'add' };
const LIST: Partial<Request> = { command: 'add', source: 'list', origin: 'drop' };
const ONE: Partial<Request> = { command: 'add', origin: 'fail2ban:one' };
const TWO: Partial<Request> = { command: 'add', origin: 'fail2ban:two' };
const END_OF_LIST: Partial<Request> = { ...LIST, command: 'delete' };
const END_OF_ONE: Partial<Request> = { ...ONE, command: 'delete' };

/** The slow request is decided before the other, or after it by a ledger that was read before. */
type How = 'decided' | 'read';

/** A request that is decided, or whose entry is read, before another is handled, and that is applied after it. */
async function scene(
  how: How,
  earlier: readonly Partial<Request>[],
  slow: Partial<Request>,
  meanwhile: Partial<Request>,
) {
  const home = homeAt(temporaryDirectory());
  const context: RequestContext = {
    response: apacheDeny,
    home,
    settings: settingsWith(),
    env: { PATH: `${directoryOfPrograms({ ip: '' })}:/usr/bin:/bin` },
    script: join(home.root, 'active-response/bin/apache-deny.js'),
    dryRun: undefined,
  };
  const request = (some: Partial<Request>) => requestWith({ address: ADDRESS, ...some });
  for (const each of earlier) await handleRequest(request(each), context);
  const known = knownEntries(home, 'apache-deny', readLedger(home, 'apache-deny'));
  const open = withReply(openRequest(request(slow), context), 'continue');
  await handleRequest(request(meanwhile), context);
  const [result] =
    how === 'decided' ? await closeRequests([open]) : await handleRequests([request(slow)], context, known);
  const block = readBlock(home, 'apache-deny', ADDRESS);
  return {
    word: result?.outcome.word,
    origins: Object.keys(block?.origins ?? {}).sort(),
    rule: block?.rule,
    isBlocked: block !== undefined,
  };
}

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
  for (const how of ['decided', 'read'] as const)
    test(`${what}, also if one of them comes after the other is ${how}`, async () => {
      const { word, origins, rule, isBlocked } = await scene(how, earlier, slow, meanwhile);
      assert.equal([word, origins, rule], expected);
      assert.is(isBlocked, word !== 'unblocked');
    });

test.run();
