import { actOnAll, printResults, requestOf } from '../../active-response/operator/act.ts';
import { operatorContext } from '../../active-response/operator/operator-context.ts';
import type { RecordedResult } from '../../active-response/record/result.ts';
import { RESPONSES, responseNamed } from '../../active-response/response/responses.ts';
import { blockTime } from '../../active-response/settings/values.ts';
import { parseTarget } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { DRY_RUN_OPTION, REASON_OPTION, reasonOf } from '../options/reason.ts';
import { RESPONSE_NAMES } from '../options/response.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

const DEFAULT_RESPONSE = RESPONSES[0]?.name ?? '';

/** riposte block: blocks as the manager's add does, for an operator. */
export const block: Verb = {
  summary: 'block addresses or prefixes',
  operands: 'ADDRESS…',
  options: {
    response: { value: RESPONSE_NAMES, text: `the response that blocks (default ${DEFAULT_RESPONSE})` },
    for: { value: 'TIME', text: 'how long, such as 10m, 1d, or forever; overrides BLOCK_FOR' },
    reason: REASON_OPTION,
    'dry-run': DRY_RUN_OPTION,
    ...HOME_OPTION,
  },
  notes: `Without --for, a block lasts as BLOCK_FOR says, else until it is removed. A later alert about the same address
may extend it, and its manager does not end it earlier.
Riposte does not block an allowed address for an operator either: the exit status is ${EX.DATAERR} then, not 0 as for a
manager, because you asked for a block and there is none.`,
  examples: [
    ['riposte block 203.0.113.7', 'block it in the firewall until you unblock it'],
    ['riposte block 198.51.100.0/24 --for 1d --reason "scans"', 'block a network for a day'],
  ],

  async run(given, io) {
    if (given.rest.length === 0) throw new RiposteError(EX.USAGE, 'block needs an address or a prefix');
    const addresses = given.rest.map(parseTarget);
    const more = { blockFor: secondsOf(given.value('for')), note: reasonOf(given) };
    const dryRun = given.flag('dry-run');
    const response = responseNamed(given.value('response') ?? DEFAULT_RESPONSE);
    if (!dryRun) demandRoot('block');
    const context = operatorContext(response, homeOf(given, io), io, { dryRun });
    const requests = addresses.map(({ text }) => requestOf('add', text, more));
    const results = await actOnAll(requests, context);
    return printResults(results.map(heldIsFailure), context, io);
  },
};

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = blockTime(text);
  if (value !== undefined) return value;
  throw new RiposteError(
    EX.USAGE,
    `--for is a time such as 10m, 2h or 1d, or forever, not '${printable(text, 40)}'`,
  );
}

function heldIsFailure(result: RecordedResult): RecordedResult {
  return result.outcome.word === 'held' ? { ...result, exitCode: EX.DATAERR } : result;
}
