import { networkName } from '../base/place.ts';
import type { Count } from './count.ts';
import type { PlaceOf } from './places.ts';
import type { PlaceMet, PlacesMet, Top } from './summary.ts';
import type { TopK } from './top-k.ts';

/**
 * Counts the alerts by country and by autonomous system. Only the alerts of the addresses in `addresses` are counted.
 * The number of these addresses is bounded.
 *
 * @param most the maximum number of countries, and of systems
 */
export function metPlaces(addresses: TopK, placeOf: PlaceOf, most: number): PlacesMet {
  const [countries, systems] = [new Map<string, PlaceMet>(), new Map<string, PlaceMet>()];
  for (const [address, count] of addresses) {
    const place = placeOf(address);
    add(countries, place.country, count);
    add(systems, networkName(place), count);
  }
  const top = (met: ReadonlyMap<string, PlaceMet>): Top<PlaceMet> => ({
    rows: [...met.values()].sort((a, b) => b.alerts - a.alerts).slice(0, most),
    different: met.size,
    isExact: addresses.isExact,
    short: addresses.short,
  });
  return { countries: top(countries), systems: top(systems) };
}

function add(met: Map<string, PlaceMet>, name: string | undefined, { alerts, blocks, last }: Count): void {
  if (name === undefined) return;
  const before = met.get(name) ?? { name, addresses: 0, alerts: 0, blocks: 0, last: 0 };
  met.set(name, {
    name,
    addresses: before.addresses + 1,
    alerts: before.alerts + alerts,
    blocks: before.blocks + blocks,
    last: Math.max(before.last, last * 1000),
  });
}
