import { format } from 'date-fns/format';
import { type Address, overlaps, parseAddress, parseTarget } from '../../active-response/address.ts';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { blockedAddresses } from '../../active-response/ledger.ts';
import { printable } from '../../active-response/printable.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { table } from '../../active-response/table.ts';
import { alone } from '../allow/alone.ts';
import { alwaysAllowed } from '../allow/always.ts';
import { type AllowEntry, readEntries, withEntry, withoutLines } from '../allow/entries.ts';
import { readBytes, rewrite } from '../allow/rewrite.ts';
import type { Arguments } from '../arguments.ts';
import { tell } from '../by-hand/act.ts';
import { reasonOf } from '../by-hand/options.ts';
import { release } from '../by-hand/release.ts';
import { utf8 } from '../bytes.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { printableJson } from '../json.ts';
import { placesOf } from '../place.ts';
import { demandRoot } from '../root.ts';
import type { Io, Verb } from '../verb.ts';

/** riposte allow: the allow list, and whoever is on it is released. */
export const allow: Verb = {
  summary: 'never block addresses or prefixes, or list whom Riposte never blocks',
  operands: '[ADDRESS…]',
  options: {
    remove: { text: 'take these entries out of the list' },
    reason: { value: 'TEXT', text: 'why, for the comment behind the entry' },
    json: { text: 'the list as one object' },
    ...HOME_OPTION,
  },
  notes: `The list is etc/riposte.allow of the installation. What is blocked and on it is released at once, by all
responses; a blocked prefix as a whole when one of its addresses is allowed.`,
  examples: [
    ['riposte allow', 'whom Riposte never blocks, and why'],
    ['riposte allow 198.51.100.4 --reason "our office"', 'add an address, and release it'],
    ['riposte allow 198.51.100.4 --remove', 'take it out again; nobody is blocked by that'],
  ],

  async run(given, io) {
    const home = homeOf(given, io);
    const addresses = given.rest.map(parseAllowed);
    if (addresses.length === 0) {
      refuseWithoutAddress(given);
      return list(given, home, io);
    }
    if (given.flag('json')) throw new RiposteError(EX.USAGE, '--json is for the list, without addresses');
    demandRoot('allow');
    if (given.flag('remove')) {
      alone(home, () => remove(addresses, home, io));
      return EX.OK;
    }
    alone(home, () => add(addresses, reasonOf(given), home, io));
    return releaseAllowed(addresses, home, io);
  },
};

function refuseWithoutAddress(given: Arguments): void {
  const option = given.flag('remove') ? '--remove' : given.value('reason') !== undefined && '--reason';
  if (option) throw new RiposteError(EX.USAGE, `${option} needs an address`);
}

function parseAllowed(text: string): Address {
  const address = parseAddress(text);
  if (address.prefix > 0) return address;
  const advice = 'to block nobody, disable the active responses in ossec.conf';
  throw new RiposteError(EX.DATAERR, `${address.text} would allow everybody; ${advice}`);
}

function list(given: Arguments, home: Home, io: Io): ExitCode {
  const [place] = placesOf(RESPONSES, home, io, false);
  if (place === undefined) return EX.SOFTWARE;
  const entries = readEntries(readBytes(home.allowList), home.allowList);
  const always = alwaysAllowed(home, place.settings, io.env);
  if (given.flag('json')) {
    const allowed = entries.map(({ address, comment, line }) => ({
      address: address.text,
      comment: utf8(comment),
      line,
    }));
    io.out(printableJson({ file: home.allowList, allowed, always }));
    return EX.OK;
  }
  const rows = [
    ...entries.map(({ address, comment, line }) => [
      address.text,
      `riposte.allow:${line}${comment && `: ${printable(utf8(comment))}`}`,
    ]),
    ...always.map(({ address, why }) => [address, why]),
  ];
  io.out(table([['NEVER BLOCKED', 'WHY'], ...rows]));
  return EX.OK;
}

function add(addresses: readonly Address[], reason: string | undefined, { allowList }: Home, io: Io): void {
  const old = readBytes(allowList);
  const has = new Set(readEntries(old, allowList).map(({ address }) => address.text));
  const comment = [format(new Date(), 'yyyy-MM-dd'), ...(reason === undefined ? [] : [reason])].join(' ');
  let text = old;
  for (const { text: address } of addresses) {
    if (has.has(address)) io.out(`${address}: was allowed already`);
    // The file is handled byte by byte; a reason is UTF-8 in it.
    else text = withEntry(text, address, Buffer.from(comment).toString('latin1'));
    has.add(address);
  }
  if (text === old) return;
  rewrite(allowList, text);
  const before = new Set(readEntries(old, allowList).map(({ address }) => address.text));
  for (const { text: address } of addresses.filter(({ text: each }) => !before.has(each)))
    io.out(`${address}: allowed: is in ${allowList} now`);
}

function releaseAllowed(addresses: readonly Address[], home: Home, io: Io): ExitCode {
  const codes = placesOf(RESPONSES, home, io, false).map((place) => {
    const blocked = blockedAddresses(home, place.response.name).filter((text) =>
      addresses.some((address) => isAround(text, address)),
    );
    for (const text of blocked) {
      const part = addresses.find(
        (address) => isAround(text, address) && parseTarget(text).prefix < address.prefix,
      );
      if (part) io.out(`${text}: is released as a whole, as ${part.text} in it is allowed now`);
    }
    return tell(release(blocked, place, 'allowed'), place, io);
  });
  return codes.find((code) => code !== EX.OK) ?? EX.OK;
}

function isAround(text: string, address: Address): boolean {
  try {
    return overlaps(parseTarget(text), address);
  } catch {
    return false; // a file of another name in the ledger
  }
}

function remove(addresses: readonly Address[], { allowList }: Home, io: Io): void {
  const old = readBytes(allowList);
  const entries = readEntries(old, allowList);
  const texts = new Set(addresses.map(({ text }) => text));
  const gone = entries.filter(({ address }) => texts.has(address.text));
  const text = withoutLines(old, new Set(gone.map(({ line }) => line)));
  if (text !== old) rewrite(allowList, text);
  for (const address of addresses) io.out(`${address.text}: ${removal(address, entries, allowList)}`);
}

function removal(address: Address, entries: readonly AllowEntry[], file: string): string {
  const wider = entries.find(
    (each) => each.address.prefix < address.prefix && overlaps(each.address, address),
  );
  const rest = wider === undefined ? '' : `; still allowed by ${wider.address.text} (line ${wider.line})`;
  const was = entries.some((each) => each.address.text === address.text);
  return was ? `is out of ${file}${rest}` : `was no entry of ${file}${rest}`;
}
