import { BEHAVIOURS } from '../../test/judgement/behaviours.ts';
import { START } from '../../test/judgement/requests.ts';
import { type Case, combinedLine } from './cases-log.ts';

/** The behaviours that the tests of the judgement use. */
export const ownCases = (): Case[] =>
  BEHAVIOURS.map(({ name, isAttack, requests, step = 1 }) => ({
    name,
    label: isAttack ? 'attacker' : 'ordinary',
    lines: requests.map((each, i) => {
      const request = `${each.method} ${each.target} ${each.version}`;
      return combinedLine({ ...each, request }, START + i * step);
    }),
  }));
