import { parseAddress } from '../../active-response/address.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { printableJson } from '../json.ts';
import { placesOf } from '../place.ts';
import { RESPONSE_OPTION, responsesOf } from '../response-option.ts';
import { gather, only, type Status } from '../status/gather.ts';
import { statusText } from '../status/text.ts';
import type { Verb } from '../verb.ts';

/** riposte status: who is blocked, and whether that is so. */
export const status: Verb = {
  summary: 'show who is blocked, since and until when, and whether it is in force',
  operands: '[ADDRESS]',
  options: {
    ...RESPONSE_OPTION,
    json: { text: 'one JSON document; times are in UTC' },
    ...HOME_OPTION,
  },
  notes: `IN FORCE says yes, NO, over (a sweep will end it), damaged (its entry in the ledger cannot be read) or ?
(this user may not look). PACKETS is what the kernel has counted, where it counts.
Exit status: 0 when ledger and backends agree; 1 when they do not; that of the failure (77 without the
permission) when one of them could not be looked at.`,
  examples: [
    ['riposte status', 'everybody who is blocked, by which response, for which rule'],
    ['riposte status 203.0.113.7', 'whether this address is blocked, by itself or by a prefix'],
  ],

  async run(given, io) {
    const [word, ...more] = given.rest;
    if (more.length > 0)
      throw new RiposteError(EX.USAGE, `riposte status takes one address, not '${more[0]}' too`);
    const address = word === undefined ? undefined : parseAddress(word);
    const responses = responsesOf(given);
    const home = homeOf(given, io);
    const places = placesOf(responses, home, io);
    const all = gather(places);
    const found = address === undefined ? all : only(all, address);
    io.out(given.flag('json') ? printableJson(found) : statusText(found, address?.text, io));
    return exitCodeOf(found);
  },
};

function exitCodeOf({ blocks, strays, unseen }: Status): number {
  const [first] = unseen;
  if (first !== undefined) return first.exitCode;
  const disagrees =
    strays.length > 0 || blocks.some(({ inForce }) => inForce === 'NO' || inForce === 'damaged');
  return disagrees ? 1 : EX.OK;
}
