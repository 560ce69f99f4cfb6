import { format } from 'date-fns/format';
import { allowEntries } from '../../active-response/allow/allow-entries.ts';
import {
  type AllowedNames,
  readAllowedNames,
  renewAllowedNames,
} from '../../active-response/allow/allowed-names.ts';
import { resolveName } from '../../active-response/allow/resolve-name.ts';
import { alwaysAllowed } from '../../active-response/guard/always.ts';
import {
  type AllowEntry,
  type AllowedTarget,
  hasEnded,
  parseAllowed,
  readEntries,
  withEntry,
  withoutLines,
} from '../../active-response/guard/entries.ts';
import { readBytes, rewrite } from '../../active-response/guard/rewrite.ts';
import { withAllowListLock } from '../../active-response/guard/with-edit-lock.ts';
import type { Home } from '../../active-response/home.ts';
import { blockedAddresses } from '../../active-response/ledger.ts';
import { printResults } from '../../active-response/operator/act.ts';
import { operatorContexts } from '../../active-response/operator/operator-context.ts';
import { release } from '../../active-response/operator/release.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { blockTime } from '../../active-response/settings/values.ts';
import { type Address, overlaps, parseAddress, parseTarget } from '../../base/address.ts';
import { utf8 } from '../../base/bytes.ts';
import { attempt, EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printableJson } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';
import { table } from '../../base/table.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { reasonOf } from '../options/reason.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** riposte allow: edits the allow list, and unblocks the addresses on it. */
export const allow: Verb = {
  summary: 'never block addresses or prefixes, or list the addresses that Riposte never blocks',
  operands: '[ADDRESS|NAME…]',
  options: {
    for: {
      value: 'TIME',
      text: 'how long to keep the entry, such as 2d; the first sweep after that removes it',
    },
    remove: { text: 'remove these entries from the list' },
    reason: { value: 'TEXT', text: 'why, for the comment behind the entry' },
    json: { text: 'print the list as one JSON object' },
    ...HOME_OPTION,
  },
  notes: `The list is etc/riposte.allow of the installation. A blocked address on it is unblocked at once, in all
responses; a blocked prefix is unblocked as a whole when one of its addresses is allowed. A NAME, such as one of dynamic DNS, is resolved
now and by each sweep; while DNS has no answer, its last addresses stay allowed.`,
  examples: [
    ['riposte allow', 'list the addresses that Riposte never blocks, and why'],
    ['riposte allow 198.51.100.4 --reason "our office"', 'add an address, and unblock it'],
    ['riposte allow home.example.net --for 2d', 'allow the addresses of a name for two days'],
    ['riposte allow 198.51.100.4 --remove', 'remove it again; this blocks nobody'],
  ],

  async run(given, io) {
    const home = homeOf(given, io);
    const targets = given.rest.map(parseOperand);
    if (targets.length === 0) {
      refuseWithoutAddress(given);
      return list(given, home, io);
    }
    if (given.flag('json')) throw new RiposteError(EX.USAGE, '--json is for the list, without addresses');
    demandRoot('allow');
    if (given.flag('remove')) {
      if (given.value('for') !== undefined)
        throw new RiposteError(EX.USAGE, '--for and --remove exclude each other');
      withAllowListLock(home, () => remove(targets, home, io));
      await renewNames(home, () => {});
      return EX.OK;
    }
    const until = endOf(given.value('for'));
    withAllowListLock(home, () => add(targets, until, reasonOf(given), home, io));
    const hasNames = targets.some(({ address }) => address === undefined);
    if (hasNames) await renewNames(home, (text) => io.out(text));
    return releaseAllowed(addressesOf(targets, home), home, io);
  },
};

function refuseWithoutAddress(given: Arguments): void {
  const named = ['reason', 'for'].find((name) => given.value(name) !== undefined);
  const option = given.flag('remove') ? '--remove' : named && `--${named}`;
  if (option) throw new RiposteError(EX.USAGE, `${option} needs an address`);
}

function parseOperand(text: string): AllowedTarget {
  const target = /[#\s]/.test(text) ? undefined : attempt(() => parseAllowed(text));
  // Let parseAddress report a wrong operand, because the message of parseAddress names no file.
  if (target === undefined || target instanceof RiposteError)
    return { address: parseAddress(text), text, until: Number.POSITIVE_INFINITY };
  if (target.address?.prefix !== 0) return target;
  const advice = 'to block nobody, disable the active responses in ossec.conf';
  throw new RiposteError(EX.DATAERR, `${target.text} would allow everybody; ${advice}`);
}

/**
 * The end of an entry, in ISO 8601; undefined for an entry without an end.
 *
 * @throws RiposteError (USAGE) for a wrong time
 */
function endOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const seconds = blockTime(text);
  if (seconds === undefined || seconds === 0)
    throw new RiposteError(EX.USAGE, `--for is a time such as 10m, 2h or 2d, not '${printable(text, 40)}'`);
  return seconds > LONGEST ? undefined : new Date(Date.now() + seconds * 1000).toISOString();
}

/** A hundred years, in seconds. If --for is longer, the entry has no end. */
const LONGEST = 100 * 365 * 86_400;

const renewNames = (home: Home, say: (text: string) => void): Promise<boolean> =>
  renewAllowedNames(home, allowEntries(home), resolveName, say);

/** The addresses of these targets; for a name, the addresses to which it resolves. */
function addressesOf(targets: readonly AllowedTarget[], home: Home): Address[] {
  const names = readAllowedNames(home);
  return targets.flatMap(({ address, text }) => address ?? (names.get(text) ?? []).map(parseAddress));
}

function list(given: Arguments, home: Home, io: Io): ExitCode {
  const [context] = operatorContexts(RESPONSES, home, io, false);
  if (context === undefined) return EX.SOFTWARE;
  const entries = allowEntries(home);
  const names = readAllowedNames(home);
  const always = alwaysAllowed(home, context.settings, io.env);
  if (given.flag('json')) {
    const allowed = entries.map((entry) => ({
      ...(entry.address
        ? { address: entry.text }
        : { name: entry.text, addresses: names.get(entry.text) ?? [] }),
      comment: utf8(entry.comment),
      ...(entry.line === 0 ? { from: 'white_list' } : { line: entry.line }),
      ...(Number.isFinite(entry.until) ? { until: new Date(entry.until).toISOString() } : {}),
    }));
    io.out(printableJson({ file: home.allowList, allowed, always }));
    return EX.OK;
  }
  const rows = [
    ...entries.map((entry) => [shown(entry, names), whyOf(entry)]),
    ...always.map(({ address, why }) => [address, why]),
  ];
  io.out(table([['NEVER BLOCKED', 'WHY'], ...rows]));
  return EX.OK;
}

/** An entry for the list; a name with its addresses. */
function shown({ address, text }: AllowEntry, names: AllowedNames): string {
  if (address) return text;
  return `${text} (${names.get(text)?.join(', ') ?? 'not resolved yet'})`;
}

function whyOf(entry: AllowEntry): string {
  const { until, comment, line } = entry;
  const end = Number.isFinite(until)
    ? `, ${hasEnded(entry) ? 'ended' : 'until'} ${format(until, 'yyyy-MM-dd HH:mm:ss')}`
    : '';
  if (line === 0) return 'in the white_list of ossec.conf';
  return `riposte.allow:${line}${end}${comment && `: ${printable(utf8(comment))}`}`;
}

function add(
  targets: readonly AllowedTarget[],
  until: string | undefined,
  reason: string | undefined,
  { allowList }: Home,
  io: Io,
): void {
  const old = readBytes(allowList);
  const entries = readEntries(old, allowList);
  const comment = [format(new Date(), 'yyyy-MM-dd'), ...(reason === undefined ? [] : [reason])].join(' ');
  const wanted = new Map(targets.map((target) => [target.text, target]));
  // An entry without an end stays unchanged, whatever --for says.
  const isKept = (text: string) =>
    entries.some((entry) => entry.text === text && !Number.isFinite(entry.until));
  const added = [...wanted.keys()].filter((text) => !isKept(text));
  const replaced = entries.filter(({ text }) => added.includes(text));
  let text = withoutLines(old, new Set(replaced.map(({ line }) => line)));
  // The file is handled as bytes; a reason is UTF-8.
  const bytes = Buffer.from(comment).toString('latin1');
  for (const each of added) text = withEntry(text, until ? `${each} until ${until}` : each, bytes);
  for (const each of targets) if (isKept(each.text)) io.out(`${each.text}: is already allowed`);
  if (text === old) return;
  rewrite(allowList, text);
  const end = until ? `, until ${until}` : '';
  for (const each of added) io.out(`${each}: was added to ${allowList}${end}`);
}

function releaseAllowed(addresses: readonly Address[], home: Home, io: Io): ExitCode {
  const codes = operatorContexts(RESPONSES, home, io, false).map((context) => {
    const blocked = blockedAddresses(home, context.response.name).filter((text) =>
      addresses.some((address) => overlapsBlock(text, address)),
    );
    for (const text of blocked) {
      const part = addresses.find(
        (address) => overlapsBlock(text, address) && parseTarget(text).prefix < address.prefix,
      );
      if (part) io.out(`${text}: the whole block ends, because ${part.text} in it is allowed now`);
    }
    return printResults(release(blocked, context, 'allowed'), context, io);
  });
  return codes.find((code) => code !== EX.OK) ?? EX.OK;
}

function overlapsBlock(text: string, address: Address): boolean {
  try {
    return overlaps(parseTarget(text), address);
  } catch {
    return false; // not an address: a foreign file in the ledger
  }
}

function remove(targets: readonly AllowedTarget[], { allowList }: Home, io: Io): void {
  const old = readBytes(allowList);
  const entries = readEntries(old, allowList);
  const texts = new Set(targets.map(({ text }) => text));
  const gone = entries.filter(({ text }) => texts.has(text));
  const text = withoutLines(old, new Set(gone.map(({ line }) => line)));
  if (text !== old) rewrite(allowList, text);
  for (const target of targets) io.out(`${target.text}: ${removal(target, entries, allowList)}`);
}

function removal({ address, text }: AllowedTarget, entries: readonly AllowEntry[], file: string): string {
  const wider = address && entries.find((each) => each.address && isWider(each.address, address));
  const rest = wider ? `; still allowed by ${wider.text} (line ${wider.line})` : '';
  const was = entries.some((each) => each.text === text);
  return was ? `was removed from ${file}${rest}` : `was not in ${file}${rest}`;
}

const isWider = (wide: Address, narrow: Address): boolean =>
  wide.prefix < narrow.prefix && overlaps(wide, narrow);
