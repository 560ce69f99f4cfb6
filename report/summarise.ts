import { hostname } from 'node:os';
import type { Home } from '../active-response/home.ts';
import type { ResponseContext } from '../active-response/request-context.ts';
import { printable } from '../base/printable.ts';
import { VERSION } from '../base/version.ts';
import { ruleDescriptions } from '../evaluate/answers/rule-descriptions.ts';
import type { Count } from './count.ts';
import { countedReader } from './counted.ts';
import { journalFiles } from './history/journal-files.ts';
import { newTally, readJournal } from './history/read-journal.ts';
import { from } from './history/wanted.ts';
import { LoggedRequests } from './logged-requests.ts';
import { metPlaces } from './met-places.ts';
import { openPlaces, type PlaceOf } from './places.ts';
import { gather } from './status/gather.ts';
import { withPlaces } from './status/with-places.ts';
import type { AddressMet, Met, NetworkMet, Now, Summary, Top } from './summary.ts';
import { Tally } from './tally.ts';
import type { TopK } from './top-k.ts';
import { zoneName } from './zone.ts';

/** The maximum number of rows in each table of a report. */
const MOST_ROWS = 1000;

/**
 * Summarises the journal, read once, and the state of ledger and backends. Memory is bounded for a journal of any
 * length.
 *
 * @param since counts events from this time on; undefined for all
 * @throws RiposteError (IOERR, NOPERM) for a journal that cannot be read
 */
export async function summarise(
  home: Home,
  contexts: readonly ResponseContext[],
  since: Date | undefined,
): Promise<Summary> {
  const reading = newTally();
  const tally = new Tally();
  const counted = countedReader();
  const wanted = since === undefined ? () => true : from(since);
  const logged = new LoggedRequests(home);
  try {
    for await (const events of readJournal(journalFiles(home), wanted, reading, counted))
      for (const event of events) tally.add(logged.complete(event));
  } finally {
    logged.close();
  }
  const made = Date.now();
  const { timeline, addresses } = tally;
  const begin = since?.getTime() ?? (Number.isFinite(timeline.first) ? timeline.first : made);
  const end = since === undefined && Number.isFinite(timeline.last) ? timeline.last : made;
  const descriptions = ruleDescriptions();
  const placeOf = await openPlaces(home);
  const rowOf = addressRow(placeOf);
  const offenders = [...addresses].filter(([, { offence }]) => offence > 1);
  offenders.sort(([, a], [, b]) => b.offence - a.offence || b.last - a.last);
  return {
    version: VERSION,
    made,
    zone: zoneName(),
    host: hostname(),
    home: home.root,
    from: begin,
    to: end,
    ...timeline.bars(begin, end),
    events: tally.events,
    damaged: reading.damaged,
    alerts: tally.alerts,
    fates: tally.fates,
    unblocked: tally.unblocked,
    restored: tally.restored,
    repeatOffenders: offenders.length,
    offenders: offenders.slice(0, MOST_ROWS).map(rowOf),
    addresses: topOf(addresses, rowOf),
    networks: topOf(tally.networks, withAddresses(addresses)),
    places: placeOf && metPlaces(addresses, placeOf, MOST_ROWS),
    rules: topOf(tally.rules, ([name, count]) => ({
      ...met(name, count),
      level: count.level < 0 ? undefined : count.level,
      description: shown(count.text || descriptions.get(name) || ''),
    })),
    requests: topOf(tally.requests, ([name, count]) => ({ ...met(name, count), example: shown(count.text) })),
    agents: topOf(tally.agents, ([name, count]) => met(name, count)),
    sources: topOf(tally.sources, ([name, count]) => met(name, count)),
    now: nowOf(contexts, placeOf),
  };
}

/** Makes text that an attacker may have written safe to show. */
const shown = (text: string): string => printable(text, 200);

const met = (name: string, { alerts, blocks, last }: Count): Met => ({
  name: shown(name),
  alerts,
  blocks,
  last: last * 1000,
});

const addressRow =
  (placeOf: PlaceOf | undefined) =>
  ([name, count]: [string, Count]): AddressMet => ({
    ...met(name, count),
    first: count.first * 1000,
    offence: count.offence,
    rule: shown(count.rule),
    network: count.text,
    ...placeOf?.(name),
  });

function topOf<Row extends Met>(counts: TopK, rowOf: (entry: [string, Count]) => Row): Top<Row> {
  const { different, isExact, short } = counts;
  return { rows: counts.top(MOST_ROWS).map(rowOf), different, isExact, short };
}

/** Makes a row for each network, with the number of its addresses that alerts name. */
function withAddresses(addresses: TopK): (entry: [string, Count]) => NetworkMet {
  const members = new Map<string, number>();
  for (const [, { text: network }] of addresses) members.set(network, (members.get(network) ?? 0) + 1);
  return ([name, count]) => ({ ...met(name, count), addresses: members.get(name) ?? 0 });
}

function nowOf(contexts: readonly ResponseContext[], placeOf: PlaceOf | undefined): Now {
  const all = gather(contexts);
  const { blocks, strays, unseen } = all;
  const newest = { ...all, blocks: blocks.slice(-MOST_ROWS).reverse() };
  const sum = (what: 'packets' | 'bytes') => {
    const counted = blocks.flatMap((block) => block[what] ?? []);
    return counted.length === 0 ? undefined : counted.reduce((total, each) => total + each, 0);
  };
  return {
    blocks: withPlaces(newest, placeOf).blocks,
    total: blocks.length,
    strays: strays.length,
    unseen,
    packets: sum('packets'),
    bytes: sum('bytes'),
  };
}
