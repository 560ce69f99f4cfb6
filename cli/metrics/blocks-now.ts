import { type Inspection, stateOf, straysIn } from '../../active-response/inspect.ts';
import type { Family, Sample } from './family.ts';
import { by } from './family.ts';
import type { RuleLabels } from './rule-labels.ts';

/** How a block may be, as the label says it: `riposte status` says yes, NO, over, damaged, ?. */
const STATES = { yes: 'in_force', NO: 'missing', over: 'over', unknown: 'unknown' } as const;

/** The metrics of who is blocked now. @param inspections by the response's name */
export function blocksNow(inspections: ReadonlyMap<string, Inspection>, labels: RuleLabels): Family[] {
  const rules: Sample[] = [];
  const states: Sample[] = [];
  for (const [response, inspection] of inspections) {
    const counts = countsOf(inspection, labels);
    rules.push(...samples(response, 'rule', counts.rules));
    states.push(...samples(response, 'state', counts.states));
  }
  return [
    {
      name: 'riposte_blocks',
      type: 'gauge',
      help: 'Blocks that the ledger holds now, by the rule that asked for them.',
      samples: rules,
    },
    {
      name: 'riposte_block_states',
      type: 'gauge',
      help: 'The same by what the kernel or Apache says: missing should be blocked and is not.',
      samples: states,
    },
    by(
      'response',
      'riposte_strays',
      'gauge',
      'Addresses that are blocked and that the ledger does not have.',
      [...inspections].map(([response, inspection]) => [response, straysIn(inspection).length] as const),
    ),
  ];
}

function countsOf(inspection: Inspection, labels: RuleLabels) {
  const { blocks, damaged } = inspection.ledger;
  const rules = new Map<string, number>();
  const states = new Map<string, number>(Object.values(STATES).map((state) => [state, 0]));
  const now = Date.now();
  for (const block of blocks) {
    increase(rules, labels.of(block.rule));
    increase(states, STATES[stateOf(block, inspection, now)]);
  }
  states.set('damaged', damaged.length);
  // A gauge that goes away would keep its last value for minutes.
  if (rules.size === 0) rules.set('none', 0);
  return { rules, states };
}

function increase(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

const samples = (response: string, label: string, counts: ReadonlyMap<string, number>): Sample[] =>
  [...counts].map(([text, value]) => ({ labels: { response, [label]: text }, value }));
