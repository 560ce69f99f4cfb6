import type { Counts } from './counts.ts';
import { by, type Family, type Sample } from './family.ts';
import type { Dropped } from './traffic.ts';

/** The metrics of all outcomes since the first collection. */
export function totals(counts: Counts): Family[] {
  const responses = Object.entries(counts);
  const each = (value: (of: Counts[string]) => number) =>
    responses.map(([response, of]) => [response, value(of)] as const);
  return [
    {
      name: 'riposte_outcomes_total',
      type: 'counter',
      help: 'Requests to a response and actions of a sweep, by outcome.',
      samples: responses.flatMap(([response, { outcomes }]) => labelled('outcome', response, outcomes)),
    },
    {
      name: 'riposte_blocks_total',
      type: 'counter',
      help: 'Blocks made or renewed, by the rule that asked for them.',
      samples: responses.flatMap(([response, { blocks }]) => labelled('rule', response, blocks)),
    },
    {
      name: 'riposte_blocks_by_class_total',
      type: 'counter',
      help: 'Blocks made or renewed, by class, as in riposte rules and riposte status.',
      samples: responses.flatMap(([response, { classes }]) => labelled('class', response, classes)),
    },
    by(
      'response',
      'riposte_handshake_aborts_total',
      'counter',
      'Handshakes that Wazuh aborted, because the address was blocked already.',
      each(({ aborts }) => aborts),
    ),
    by(
      'response',
      'riposte_handshake_silences_total',
      'counter',
      'Handshakes that Wazuh did not answer.',
      each(({ silences }) => silences),
    ),
    {
      name: 'riposte_response_duration_seconds',
      type: 'summary',
      help: 'Time from the start of a response to its outcome, for outcomes in the journal.',
      samples: responses.flatMap(([response, { milliseconds, timed }]): Sample[] => [
        { labels: { response }, suffix: '_sum', value: Math.round(milliseconds) / 1000 },
        { labels: { response }, suffix: '_count', value: timed },
      ]),
    },
  ];
}

/** The metrics of dropped traffic. */
export function dropped(all: Readonly<Record<string, Dropped>>): Family[] {
  const each = (what: 'packets' | 'bytes') =>
    by(
      'backend',
      `riposte_dropped_${what}_total`,
      'counter',
      `${what === 'packets' ? 'Packets' : 'Bytes'} from blocked addresses that the firewall dropped or rejected, if it counts them.`,
      Object.entries(all).map(([backend, traffic]) => [backend, traffic[what]] as const),
    );
  return [each('packets'), each('bytes')];
}

const labelled = (label: string, response: string, counts: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(counts).map(([value, count]) => ({ labels: { response, [label]: value }, value: count }));
