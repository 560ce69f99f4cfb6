import { type SigmaRule, sigmaRule } from './sigma-rule.ts';

/**
 * Rules on Riposte's own alerts, and on the results of its responses. The monitor answers the levels high and critical,
 * so no result of a response has one of them: a response to a failed response would fail as well.
 */
export const ownRules = (): SigmaRule[] => [
  sigmaRule({
    title: 'Riposte: an attack found by riposte serve',
    description: 'An alert below level 12 of riposte serve, which runs beside the agent.',
    level: 'high',
    detection: ofAction('riposte-alert', 'attack'),
  }),
  sigmaRule({
    title: 'Riposte: a severe attack found by riposte serve',
    description: 'An alert of level 12 or higher of riposte serve, which runs beside the agent.',
    level: 'critical',
    detection: ofAction('riposte-alert', 'severe-attack'),
  }),
  ...RESULTS.map(([outcome, level, title, description]) =>
    sigmaRule({
      title: `Riposte: ${title}`,
      description,
      level,
      detection: ofAction('riposte-response', outcome),
    }),
  ),
];

const ofAction = (dataset: string, action: string) => ({
  condition: 'result',
  result: { 'event.dataset': dataset, 'event.action': action },
});

/** The outcomes of a response, as in rules/riposte_active_response.xml. */
const RESULTS = [
  ['blocked', 'low', 'address blocked', 'A response has blocked the address.'],
  ['unblocked', 'informational', 'address unblocked', 'A response has ended the block.'],
  ['already', 'informational', 'the address was in that state already', 'There was nothing to do.'],
  ['kept', 'informational', 'address kept blocked', 'The block goes on, because its own time is not over.'],
  ['held', 'medium', 'response held', 'The address is never blocked.'],
  ['refused', 'medium', 'response refused', 'The input of the response was not valid.'],
  ['failed', 'medium', 'response failed', 'The response could not be carried out.'],
  ['restored', 'low', 'address blocked again', 'The block was no longer in force.'],
] as const;

/** The words of outcomes. */
export const OUTCOMES: readonly string[] = RESULTS.map(([outcome]) => outcome);
