import { parseHost } from '../../base/address.ts';
import { withResolver } from '../../base/with-resolver.ts';

/** The time limits of one query and of all queries for one name, in milliseconds. */
const QUERY = 2000;
const PATIENCE = 5000;
/** The maximum number of allowed addresses for one name. */
const MOST_ADDRESSES = 16;

/** The addresses of a name by family; undefined for a family whose query failed. */
export interface ResolvedName {
  readonly 4: readonly string[] | undefined;
  readonly 6: readonly string[] | undefined;
}

/** Asks for the addresses of a name. */
export type ResolveName = (name: string) => Promise<ResolvedName>;

/** Asks DNS, within a bounded time. @param servers `ADDRESS:PORT`, instead of this host's name servers */
export const resolveName = (name: string, servers?: readonly string[]): Promise<ResolvedName> =>
  withResolver({ query: QUERY, patience: PATIENCE, servers }, async (resolver) => {
    const [four, six] = await Promise.all([
      addressesOf(resolver.resolve4(name)),
      addressesOf(resolver.resolve6(name)),
    ]);
    return { 4: four, 6: six };
  });

async function addressesOf(query: Promise<string[]>): Promise<string[] | undefined> {
  try {
    const found = (await query).map((each) => parseHost(each).text);
    return [...new Set(found)].sort().slice(0, MOST_ADDRESSES);
  } catch (error) {
    // The name exists, but has no address of this family.
    return (error as NodeJS.ErrnoException).code === 'ENODATA' ? [] : undefined;
  }
}
