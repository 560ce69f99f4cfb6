import { printable } from '../base/printable.ts';
import type { Met, Summary, Top } from './summary.ts';

/** Notes for the reader of a report: missing data, and problems. */
export function remarks(summary: Summary): string[] {
  const { alerts, requests, damaged, now } = summary;
  return [
    ...(damaged > 0 ? [`${damaged.toLocaleString('en')} damaged lines of the journal were left out.`] : []),
    ...cuts(summary).flatMap(([what, { isExact, short }]) =>
      isExact
        ? []
        : [
            `There were too many ${what} to count each: the rarest were dropped, and a number of alerts may be up to ${short.toLocaleString('en')} too small.`,
          ],
    ),
    ...(alerts > 0 && requests.different === 0
      ? [
          'No alert came with a log line that holds a request: Wazuh and riposte serve pass log lines on. OSSEC does not; on its server they are read from logs/alerts, on its agents they are missing.',
        ]
      : []),
    ...now.unseen.map(
      ({ response, backend = 'the ledger', why }) =>
        `Not checked: ${backend} of ${response}: ${printable(why, 300)}`,
    ),
    ...(now.strays > 0
      ? [
          `${now.strays.toLocaleString('en')} addresses are blocked but not in the ledger: see riposte status.`,
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
