import { networkName, type Place } from '../../base/place.ts';
import type { PageData } from '../page.ts';
import type { Met, PlaceMet, Top } from '../summary.ts';
import { columnsIn } from './columns.ts';
import type { Section } from './table.ts';

/** The tables of the page, the most important first. */
export function sections(data: PageData): Section[] {
  const { zone, now, offenders, repeatOffenders, addresses, networks, rules, requests, agents, sources } =
    data;
  const columns = columnsIn(zone);
  const { id, text, long, count, time, named } = columns;
  const { places } = data;
  const placeColumns = places ? [id('Country'), text('Autonomous system')] : [];
  const placeCells = (place: Place) => (places ? [place.country, networkName(place)] : []);
  return [
    {
      heading: 'Blocked now',
      none: 'Nobody is blocked.',
      total: now.total,
      left: 'the newest; riposte status shows all',
      columns: [
        named('Address'),
        text('By'),
        { ...id('In force'), wrong: ['NO', 'damaged'] },
        time('Since'),
        time('Until', 'an operator unblocks'),
        count('Offence'),
        id('Rule'),
        count('Packets dropped'),
        ...placeColumns,
      ],
      rows: now.blocks.map(
        ({ address, response, backend, inForce, since, until, offence, rule, packets, ...place }) => [
          address,
          backend === undefined ? response : `${response}, ${backend}`,
          inForce,
          timeIn(since),
          until === null ? Number.POSITIVE_INFINITY : timeIn(until),
          offence,
          rule,
          packets,
          ...placeCells(place),
        ],
      ),
    },
    {
      heading: 'Repeat offenders',
      none: 'Nobody was blocked more than once.',
      total: repeatOffenders,
      left: 'the addresses with the most offences',
      columns: [
        named('Address'),
        count('Offence'),
        count('Alerts'),
        time('First'),
        time('Last'),
        id('Last rule'),
        ...placeColumns,
      ],
      rows: offenders.map(({ name, offence, alerts, first, last, rule, ...place }) => [
        name,
        offence,
        alerts,
        first,
        last,
        rule,
        ...placeCells(place),
      ]),
    },
    {
      ...partOf('Addresses', addresses),
      columns: [
        named('Address'),
        count('Alerts'),
        count('Blocked'),
        text('Network'),
        time('First'),
        time('Last'),
        id('Last rule'),
        ...placeColumns,
      ],
      rows: addresses.rows.map(({ name, network, alerts, blocks, first, last, rule, ...place }) => [
        name,
        alerts,
        blocks,
        network,
        first,
        last,
        rule,
        ...placeCells(place),
      ]),
    },
    { ...partOf('Networks', networks), ...members('Network', networks, columns) },
    ...(places
      ? [
          { ...partOf('Countries', places.countries), ...members('Country', places.countries, columns) },
          {
            ...partOf('Autonomous systems', places.systems),
            ...members('Autonomous system', places.systems, columns),
          },
        ]
      : []),
    {
      ...partOf('Rules', rules),
      columns: [
        id('Rule'),
        count('Level'),
        long('Description'),
        count('Alerts'),
        count('Blocked'),
        time('Last'),
      ],
      rows: rules.rows.map(({ name, level, description, alerts, blocks, last }) => [
        name,
        level,
        description,
        alerts,
        blocks,
        last,
      ]),
    },
    {
      ...partOf('Requests', requests),
      columns: [
        long('Request'),
        count('Alerts'),
        count('Blocked'),
        time('Last'),
        long('Example with its query'),
      ],
      rows: requests.rows.map(({ name, alerts, blocks, last, example }) => [
        name,
        alerts,
        blocks,
        last,
        example,
      ]),
    },
    { ...partOf('User agents', agents), ...plain('User agent', agents, columns) },
    { ...partOf('Logs', sources), ...plain('Origin of the alert', sources, columns) },
  ];
}

const partOf = (heading: string, { different, isExact }: Top<Met>) => ({
  heading,
  none: 'None known.',
  total: different,
  isAbout: !isExact,
  left: 'the rows with the most alerts',
});

const plain = (name: string, { rows }: Top<Met>, { long, count, time }: ReturnType<typeof columnsIn>) => ({
  columns: [long(name), count('Alerts'), count('Blocked'), time('Last')],
  rows: rows.map((row) => [row.name, row.alerts, row.blocks, row.last]),
});

const members = (
  name: string,
  { rows }: Top<PlaceMet>,
  { count, named, time }: ReturnType<typeof columnsIn>,
) => ({
  columns: [named(name), count('Addresses'), count('Alerts'), count('Blocked'), time('Last')],
  rows: rows.map((row) => [row.name, row.addresses, row.alerts, row.blocks, row.last]),
});

function timeIn(iso: string | undefined | null): number | undefined {
  const time = Date.parse(iso ?? '');
  return Number.isNaN(time) ? undefined : time;
}
