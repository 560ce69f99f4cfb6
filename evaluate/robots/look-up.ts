import type { Resolver } from 'node:dns/promises';
import { type Address, addressesIn } from '../../base/address.ts';
import { debug } from '../../base/debug.ts';
import { withResolver } from '../../base/with-resolver.ts';
import { hostName, reverseName } from './host-name.ts';

/** The answer of DNS about an address. */
export interface HostNames {
  /** False if DNS did not answer, or not in time. */
  readonly isAnswered: boolean;
  /** True if the address has a host name, wanted or not. */
  readonly hasNames: boolean;
  /** The wanted names that resolve back to the address. */
  readonly confirmed: readonly string[];
}

/** Looks up the host names of an address. Never rejects. */
export type LookUp = (address: Address, isWanted: (name: string) => boolean) => Promise<HostNames>;

/** The time to wait for one answer before the second try, and for all answers, in milliseconds. */
const TRY = 1000;
const PATIENCE = 3000;

/** An operator's address has one name; an attacker's may have a thousand. */
const MOST_NAMES = 3;

/** The error codes for a name that does not exist, or that has no record of the wanted kind. */
const NONE: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);

const FAILED: HostNames = { isAnswered: false, hasNames: false, confirmed: [] };

/**
 * Makes the look-up that asks for the names of an address, and then for the addresses of the wanted names. The owner of
 * the address chooses its names, so only the owner of a wanted domain can confirm a name.
 *
 * @param servers the name servers; by default those of this host
 */
export const lookUpBy =
  (servers?: readonly string[]): LookUp =>
  async (address, isWanted) => {
    try {
      const limits = { query: TRY, patience: PATIENCE, servers };
      const found = await withResolver(limits, (resolver) => namesOf(address, isWanted, resolver));
      debug('robot', () => ({ address: address.text, ...found }));
      return found;
    } catch (error) {
      debug('robot', () => ({ address: address.text, error: String(error) }));
      return FAILED;
    }
  };

async function namesOf(
  address: Address,
  isWanted: (name: string) => boolean,
  resolver: Resolver,
): Promise<HostNames> {
  const names = await noneIfMissing(resolver.resolvePtr(reverseName(address)));
  const wanted = names.flatMap((name) => hostName(name) ?? []).filter(isWanted);
  const confirmed: string[] = [];
  for (const name of wanted.slice(0, MOST_NAMES)) {
    const addresses = await noneIfMissing(
      address.family === 4 ? resolver.resolve4(name) : resolver.resolve6(name),
    );
    if (addresses.flatMap((each) => addressesIn(each)).some(({ text }) => text === address.text))
      confirmed.push(name);
  }
  return { isAnswered: true, hasNames: names.length > 0, confirmed };
}

async function noneIfMissing(answer: Promise<string[]>): Promise<string[]> {
  try {
    return await answer;
  } catch (error) {
    if (NONE.has((error as NodeJS.ErrnoException).code)) return [];
    throw error;
  }
}
