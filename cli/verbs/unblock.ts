import { type Address, overlaps, parseTarget } from '../../active-response/address.ts';
import type { Place } from '../../active-response/circumstances.ts';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import { blockedAddresses } from '../../active-response/ledger.ts';
import { act, requestOf, tell } from '../by-hand/act.ts';
import { DRY_RUN_OPTION } from '../by-hand/options.ts';
import { release } from '../by-hand/release.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { placesOf } from '../place.ts';
import { RESPONSE_NAMES, responsesOf } from '../response-option.ts';
import { demandRoot } from '../root.ts';
import type { Io, Verb } from '../verb.ts';

/** riposte unblock: what the manager's delete does, by hand, and whatever BLOCK_FOR says. */
export const unblock: Verb = {
  summary: 'unblock addresses or prefixes, or all',
  operands: '[ADDRESS…]',
  options: {
    all: { text: 'everybody; asks nothing' },
    response: { value: RESPONSE_NAMES, text: 'what is to let go (default: whatever blocks the address)' },
    'dry-run': DRY_RUN_OPTION,
    ...HOME_OPTION,
  },
  notes: `What is not blocked is no error. A prefix unblocks exactly that prefix. The exit status is ${EX.DATAERR} for an address
that stays blocked because a blocked prefix contains it. A wrong riposte.conf or riposte.allow stops nothing.`,
  examples: [
    ['riposte unblock 203.0.113.7', 'end its blocks, by all responses'],
    ['riposte unblock --all', 'end all blocks'],
  ],

  async run(given, io) {
    const isAll = given.flag('all');
    if (isAll === given.rest.length > 0)
      throw new RiposteError(EX.USAGE, 'unblock needs addresses, or --all, and not both');
    const addresses = given.rest.map(parseTarget);
    const dryRun = given.flag('dry-run');
    const responses = responsesOf(given);
    const home = homeOf(given, io);
    if (!dryRun) demandRoot('unblock');
    const places = placesOf(responses, home, io, dryRun);
    return isAll ? unblockAll(places, io) : unblockEach(addresses, places, io);
  },
};

function unblockAll(places: readonly Place[], io: Io): ExitCode {
  let count = 0;
  const codes = places.map((place) => {
    const answers = release(blockedAddresses(place.home, place.response.name), place);
    count += answers.filter(({ exitCode }) => exitCode === EX.OK).length;
    return tell(answers, place, io);
  });
  const verb = places[0]?.dryRun ? 'would be unblocked' : 'unblocked';
  io.out(count === 0 ? 'nobody is blocked' : `${count} ${verb}`);
  return firstFailure(codes);
}

async function unblockEach(
  addresses: readonly Address[],
  places: readonly Place[],
  io: Io,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const address of addresses) {
    const before = codes.length;
    for (const place of places) {
      const answer = await act(requestOf('delete', address.text), place);
      // What was not blocked is said below, once for all responses.
      if (answer.entry.outcome.word !== 'already') codes.push(tell([answer], place, io));
    }
    const around = places.flatMap((place) => prefixesAround(address, place));
    for (const { prefix, response } of around)
      io.err(`${address.text}: is within ${prefix}, which ${response} blocks: riposte unblock ${prefix}\n`);
    if (around.length > 0) codes.push(EX.DATAERR);
    else if (codes.length === before) io.out(`${address.text}: was not blocked`);
  }
  return firstFailure(codes);
}

/** The blocked prefixes that contain an address, but are not it. */
function prefixesAround(address: Address, { home, response }: Place): { prefix: string; response: string }[] {
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
    return false; // a file of another name in the ledger
  }
}

const firstFailure = (codes: readonly ExitCode[]): ExitCode => codes.find((code) => code !== EX.OK) ?? EX.OK;
