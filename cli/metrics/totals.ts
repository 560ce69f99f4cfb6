import type { Counts } from './counts.ts';
import { by, type Family, type Sample } from './family.ts';
import type { Dropped } from './traffic.ts';

/** The metrics of what has been done since Riposte counts. */
export function totals(counts: Counts): Family[] {
  const responses = Object.entries(counts);
  const each = (value: (of: Counts[string]) => number) =>
    responses.map(([response, of]) => [response, value(of)] as const);
  return [
    {
      name: 'riposte_outcomes_total',
      type: 'counter',
      help: 'Requests to a response and what a sweep did, by how each ended.',
      samples: responses.flatMap(([response, { outcomes }]) => labelled('outcome', response, outcomes)),
    },
    {
      name: 'riposte_blocks_total',
      type: 'counter',
      help: 'Blocks made or renewed, by the rule that asked for them.',
      samples: responses.flatMap(([response, { blocks }]) => labelled('rule', response, blocks)),
    },
    by(
      'response',
      'riposte_handshake_aborts_total',
      'counter',
      'Times that Wazuh answered abort: it had the address blocked already.',
      each(({ aborts }) => aborts),
    ),
    by(
      'response',
      'riposte_handshake_silences_total',
      'counter',
      'Times that Wazuh gave no answer in the handshake.',
      each(({ silences }) => silences),
    ),
    {
      name: 'riposte_response_duration_seconds',
      type: 'summary',
      help: 'Time from the start of a response to its outcome, of those that the journal has.',
      samples: responses.flatMap(([response, { milliseconds, timed }]): Sample[] => [
        { labels: { response }, suffix: '_sum', value: Math.round(milliseconds) / 1000 },
        { labels: { response }, suffix: '_count', value: timed },
      ]),
    },
  ];
}

/** The metrics of what firewalls have stopped. */
export function dropped(all: Readonly<Record<string, Dropped>>): Family[] {
  const each = (what: 'packets' | 'bytes') =>
    by(
      'backend',
      `riposte_dropped_${what}_total`,
      'counter',
      `${what === 'packets' ? 'Packets' : 'Bytes'} from blocked addresses that were dropped or rejected, where the firewall counts them.`,
      Object.entries(all).map(([backend, traffic]) => [backend, traffic[what]] as const),
    );
  return [each('packets'), each('bytes')];
}

const labelled = (label: string, response: string, counts: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(counts).map(([value, count]) => ({ labels: { response, [label]: value }, value: count }));
