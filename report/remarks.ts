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
            `There were too many ${what} to count each of them. The rarest were dropped, so a number of alerts may be up to ${short.toLocaleString('en')} too small.`,
          ],
    ),
    ...(alerts > 0 && requests.different === 0
      ? [
          'No alert has a log line with a request. Wazuh and riposte serve pass log lines to responses, but OSSEC does not. An OSSEC server has the log lines in logs/alerts, where the report reads them; an OSSEC agent does not have them.',
        ]
      : []),
    ...now.unseen.map(
      ({ response, backend = 'the ledger', why }) =>
        `Riposte could not check ${backend} of ${response}: ${printable(why, 300)}`,
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
