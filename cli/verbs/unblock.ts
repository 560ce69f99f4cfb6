import { blockedAddresses } from '../../active-response/ledger.ts';
import { actOnAll, printResults, requestOf } from '../../active-response/operator/act.ts';
import { releaseOrigin } from '../../active-response/operator/list/release-origin.ts';
import { operatorContexts } from '../../active-response/operator/operator-context.ts';
import { release } from '../../active-response/operator/release.ts';
import type { RecordedResult } from '../../active-response/record/result.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { type Address, overlaps, parseTarget } from '../../base/address.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { DRY_RUN_OPTION } from '../options/reason.ts';
import { RESPONSE_NAMES, responsesOf } from '../options/response.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** riposte unblock: unblocks for an operator, as a manager's delete does. Unlike a delete, it ignores BLOCK_FOR. */
export const unblock: Verb = {
  summary: 'unblock addresses or prefixes, or all',
  operands: '[ADDRESS…]',
  options: {
    all: { text: 'unblock all addresses and prefixes, without asking' },
    response: {
      value: RESPONSE_NAMES,
      text: 'the response in which to unblock (default: all that block the address)',
    },
    origin: {
      value: 'NAME',
      text: 'end only the blocks that this list or program (drop, fail2ban:sshd) asks for; without addresses, all of them',
    },
    'dry-run': DRY_RUN_OPTION,
    ...HOME_OPTION,
  },
  notes: `An address that is not blocked is not an error. A prefix unblocks exactly that prefix. The exit status is ${EX.DATAERR}
for an address that stays blocked because a blocked prefix contains it. A wrong riposte.conf or riposte.allow does not
prevent unblocking. With --origin, an address stays blocked if there is another reason for its block, too.`,
  examples: [
    ['riposte unblock 203.0.113.7', 'end the blocks of this address in all responses'],
    ['riposte unblock --all', 'end all blocks'],
    ['riposte unblock --origin drop', 'end the blocks of the list drop'],
  ],

  async run(given, io) {
    const isAll = given.flag('all');
    const origin = given.value('origin');
    if (origin === undefined ? isAll === given.rest.length > 0 : isAll)
      throw new RiposteError(EX.USAGE, 'unblock needs either addresses or --all');
    const addresses = given.rest.map(parseTarget);
    const dryRun = given.flag('dry-run');
    const responses = responsesOf(given);
    const home = homeOf(given, io);
    if (!dryRun) demandRoot('unblock');
    const contexts = operatorContexts(responses, home, io, dryRun);
    if (origin !== undefined) return endOrigin(origin, addresses, contexts, io);
    return isAll ? unblockAll(contexts, io) : unblockEach(addresses, contexts, io);
  },
};

function unblockAll(contexts: readonly ResponseContext[], io: Io): ExitCode {
  let count = 0;
  const codes = contexts.map((context) => {
    const results = release(blockedAddresses(context.home, context.response.name), context);
    count += results.filter(({ exitCode }) => exitCode === EX.OK).length;
    return printResults(results, context, io);
  });
  const verb = contexts[0]?.dryRun ? 'would be unblocked' : 'unblocked';
  io.out(count === 0 ? 'no address is blocked' : `${count} ${verb}`);
  return firstFailure(codes);
}

/**
 * Ends the blocks that a list or a program asks for.
 *
 * @param addresses if empty, all addresses that the list or program names
 */
async function endOrigin(
  origin: string,
  addresses: readonly Address[],
  contexts: readonly ResponseContext[],
  io: Io,
): Promise<ExitCode> {
  const named = new Set(addresses.map(({ text }) => text));
  const codes: ExitCode[] = [];
  let isNamed = false;
  for (const context of contexts) {
    const results = await releaseOrigin(origin, context, named.size === 0 ? undefined : named);
    isNamed ||= results.length > 0;
    const failed = results.filter(({ exitCode }) => exitCode !== EX.OK);
    codes.push(printResults(failed, context, io));
    const count = results.length - failed.length;
    if (count > 0)
      io.out(`${context.response.name}: ${origin}: ${count} ${context.dryRun ? 'would be ' : ''}released`);
  }
  if (!isNamed) io.out(`no address is blocked for ${printable(origin, 80)}; riposte status names the lists`);
  return firstFailure(codes);
}

async function unblockEach(
  addresses: readonly Address[],
  contexts: readonly ResponseContext[],
  io: Io,
): Promise<ExitCode> {
  const requests = addresses.map(({ text }) => requestOf('delete', text));
  const all: { context: ResponseContext; results: RecordedResult[] }[] = [];
  for (const context of contexts) all.push({ context, results: await actOnAll(requests, context) });
  const codes: ExitCode[] = [];
  for (const [index, address] of addresses.entries()) {
    const before = codes.length;
    for (const { context, results } of all) {
      // An address that was not blocked is reported below, once for all responses.
      const some = results.slice(index, index + 1).filter(({ outcome }) => outcome.word !== 'already');
      if (some.length > 0) codes.push(printResults(some, context, io));
    }
    const containing = contexts.flatMap((context) => containingPrefixes(address, context));
    for (const { prefix, response } of containing)
      io.err(
        `${address.text} is within ${prefix}, which ${response} blocks; to unblock the prefix: riposte unblock ${prefix}\n`,
      );
    if (containing.length > 0) codes.push(EX.DATAERR);
    else if (codes.length === before) io.out(`${address.text}: was not blocked`);
  }
  return firstFailure(codes);
}

/** The blocked prefixes that contain an address or prefix and are wider than it. */
function containingPrefixes(
  address: Address,
  { home, response }: ResponseContext,
): { prefix: string; response: string }[] {
  const prefixes = blockedAddresses(home, response.name).filter((text) => text.includes('/'));
  return prefixes
    .filter((text) => contains(text, address))
    .map((prefix) => ({ prefix, response: response.name }));
}

function contains(text: string, address: Address): boolean {
  try {
    const prefix = parseTarget(text);
    return prefix.prefix < address.prefix && overlaps(prefix, address);
  } catch {
    return false; // not an address: a foreign file in the ledger
  }
}

const firstFailure = (codes: readonly ExitCode[]): ExitCode => codes.find((code) => code !== EX.OK) ?? EX.OK;
