import { type Inspection, stateOf, straysIn } from '../active-response/sweep/inspect.ts';
import { BLOCK_CLASSES, classOfBlock } from '../evaluate/answers/block-class.ts';
import type { Family, Sample } from './family.ts';
import { by } from './family.ts';
import { increase } from './increase.ts';
import type { RuleLabels } from './rule-labels.ts';

/** The states of a block as label values; `riposte status` shows yes, NO, over, damaged, ?. */
const STATES = { yes: 'in_force', NO: 'missing', over: 'over', unknown: 'unknown' } as const;

/** The metrics of current blocks. @param inspections by the response's name */
export function blocksNow(inspections: ReadonlyMap<string, Inspection>, labels: RuleLabels): Family[] {
  const rules: Sample[] = [];
  const classes: Sample[] = [];
  const states: Sample[] = [];
  for (const [response, inspection] of inspections) {
    const counts = countsOf(inspection, labels);
    rules.push(...samples(response, 'rule', counts.rules));
    classes.push(...samples(response, 'class', counts.classes));
    states.push(...samples(response, 'state', counts.states));
  }
  return [
    {
      name: 'riposte_blocks',
      type: 'gauge',
      help: 'Current blocks in the ledger, by the rule that asked for them.',
      samples: rules,
    },
    {
      name: 'riposte_blocks_by_class',
      type: 'gauge',
      help: 'Current blocks in the ledger, by class, as in riposte rules and riposte status.',
      samples: classes,
    },
    {
      name: 'riposte_block_states',
      type: 'gauge',
      help: 'Current blocks by their state in the backend; a missing block should be in force but is not.',
      samples: states,
    },
    by(
      'response',
      'riposte_strays',
      'gauge',
      'Addresses that are blocked but not in the ledger.',
      [...inspections].map(([response, inspection]) => [response, straysIn(inspection).length] as const),
    ),
  ];
}

function countsOf(inspection: Inspection, labels: RuleLabels) {
  const { blocks, damaged } = inspection.ledger;
  const rules: Record<string, number> = {};
  const classes = Object.fromEntries(BLOCK_CLASSES.map((name) => [name, 0]));
  const states = Object.fromEntries(Object.values(STATES).map((state) => [state, 0]));
  const now = Date.now();
  for (const block of blocks) {
    increase(rules, labels.of(block.rule));
    increase(classes, classOfBlock(block));
    increase(states, STATES[stateOf(block, inspection, now)]);
  }
  states.damaged = damaged.length;
  // Without a sample, a query would find no data instead of 0.
  if (blocks.length === 0) rules.none = 0;
  return { rules, classes, states };
}

const samples = (response: string, label: string, counts: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(counts).map(([text, value]) => ({ labels: { response, [label]: text }, value }));
