import { printable } from '../../active-response/printable.ts';
import type { Met, Summary, Top } from './summary.ts';

/** What a reader must know of a report: what it does not tell, and what looks wrong. */
export function remarks(summary: Summary): string[] {
  const { alerts, requests, damaged, now } = summary;
  return [
    ...(damaged > 0 ? [`${damaged.toLocaleString('en')} damaged lines of the journal were left out.`] : []),
    ...cuts(summary).flatMap(([what, { isExact, short }]) =>
      isExact
        ? []
        : [
            `There were too many ${what} to count each: those met least were forgotten on the way, and a number of alerts may be up to ${short.toLocaleString('en')} too small.`,
          ],
    ),
    ...(alerts > 0 && requests.different === 0
      ? [
          'No alert came with a line of a log that tells a request: Wazuh and riposte serve hand it over, OSSEC does not.',
        ]
      : []),
    ...now.unseen.map(
      ({ response, backend = 'the ledger', why }) =>
        `Not seen: ${backend} of ${response}: ${printable(why, 300)}`,
    ),
    ...(now.strays > 0
      ? [
          `${now.strays.toLocaleString('en')} are blocked though the ledger does not have them: see riposte status.`,
        ]
      : []),
  ];
}

const cuts = ({ addresses, networks, rules, requests, agents, sources }: Summary) =>
  [
    ['addresses', addresses],
    ['networks', networks],
    ['rules', rules],
    ['requests', requests],
    ['user agents', agents],
    ['logs', sources],
  ] as [string, Top<Met>][];
