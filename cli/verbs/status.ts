import { readAllowedNames, unansweredNames } from '../../active-response/allow/allowed-names.ts';
import { operatorContexts } from '../../active-response/operator/operator-context.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { parseAddress } from '../../base/address.ts';
import { attempt, EX, RiposteError } from '../../base/errors.ts';
import { printableJson } from '../../base/json.ts';
import { BLOCK_CLASSES } from '../../evaluate/answers/block-class.ts';
import { openPlaces } from '../../report/places.ts';
import { gather, only, type Status } from '../../report/status/gather.ts';
import { isSelective, select, withoutImported } from '../../report/status/select.ts';
import { statusText } from '../../report/status/text.ts';
import { withPlaces } from '../../report/status/with-places.ts';
import { capRemark, capUse } from '../../serve/scan/cap-use.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { RESPONSE_OPTION, responsesOf } from '../options/response.ts';
import type { Verb } from '../verb.ts';

/** riposte status: shows the blocks, and whether they are in force. */
export const status: Verb = {
  summary: 'show the blocked addresses, since and until when, and whether the block is in force',
  operands: '[ADDRESS or PREFIX]',
  options: {
    ...RESPONSE_OPTION,
    origin: { value: 'NAME', text: 'only blocks that this list names (riposte block --file)' },
    rule: { value: 'ID', text: 'only blocks for this rule' },
    class: { value: 'CLASS', text: `only blocks of this class: ${BLOCK_CLASSES.join(', ')}` },
    json: { text: 'one JSON document; times are in UTC' },
    ...HOME_OPTION,
  },
  notes: `IN FORCE says yes, NO, over (a sweep will end it), damaged (its ledger entry cannot be read) or ? (this user
cannot check it). PACKETS is the kernel's count, where it counts. COUNTRY and NETWORK
appear if this host has a database of them (GEOIP_FILES). A prefix selects its addresses and the prefixes that overlap
it. Blocks of lists are only counted, unless an address, a prefix or an option selects them, or they are not in force.
Exit status: 0 when ledger and backends agree; 1 when they do not; the code of the failure (77 without permission)
when one of them could not be read.`,
  examples: [
    ['riposte status', 'list all blocks with their responses and rules'],
    ['riposte status 198.51.100.0/24 --rule 117103', 'list the blocks of this rule in a network'],
    ['riposte status 203.0.113.7', 'show whether this address is blocked, by itself or by a prefix'],
  ],

  async run(given, io) {
    const [word, ...more] = given.rest;
    if (more.length > 0)
      throw new RiposteError(
        EX.USAGE,
        `riposte status takes only one address or prefix; leave out '${more[0]}'`,
      );
    const address = word === undefined ? undefined : parseAddress(word);
    const responses = responsesOf(given);
    const home = homeOf(given, io);
    const contexts = operatorContexts(responses, home, io);
    const all = gather(contexts);
    const selection = {
      origins: given.all('origin'),
      rules: given.all('rule'),
      classes: given.all('class'),
    };
    const found = select(address === undefined ? all : only(all, address), selection);
    // A user who may not read the allowed names still gets the rest of the status.
    const allowed = attempt(() => readAllowedNames(home));
    const unanswered = allowed instanceof RiposteError ? [] : unansweredNames(home);
    const names = allowed instanceof RiposteError ? {} : Object.fromEntries(allowed);
    const isJson = given.flag('json');
    const placeOf = await openPlaces(home);
    // Ignore a wrong line of riposte.conf here: the server and doctor report it.
    const { maxBlocks } = loadServerSettings(home.settings, () => {});
    const cap = capUse(all.blocks, maxBlocks);
    if (isJson) {
      io.out(printableJson({ ...withPlaces(found, placeOf), cap, allowedNames: names }));
      return exitCodeOf(found);
    }
    const selects = isSelective(selection);
    const isAll = address === undefined && !selects;
    const { rest, lists } = isAll
      ? withoutImported(found)
      : { rest: found, lists: new Map<string, number>() };
    const hasOptions = selects || given.all('response').length > 0;
    const asked = hasOptions ? 'selection' : address && { address: address.text };
    // The blocks of lists are counted below.
    const hasOnlyLists = lists.size > 0 && rest.blocks.length + rest.strays.length + rest.unseen.length === 0;
    if (!hasOnlyLists) io.out(statusText(withPlaces(rest, placeOf), asked, io, placeOf !== undefined));
    for (const [name, count] of lists) io.out(`listed by ${name}: ${count} blocked`);
    if (address === undefined)
      for (const line of [capRemark(cap) ?? [], namesText(names), unanswered].flat()) io.out(line);
    return exitCodeOf(found);
  },
};

const namesText = (names: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(names).map(([name, addresses]) => `never blocked: ${name} (${addresses.join(', ')})`);

function exitCodeOf({ blocks, strays, unseen }: Status): number {
  const [first] = unseen;
  if (first !== undefined) return first.exitCode;
  const disagrees =
    strays.length > 0 || blocks.some(({ inForce }) => inForce === 'NO' || inForce === 'damaged');
  return disagrees ? 1 : EX.OK;
}
