import type { Place } from '../../active-response/circumstances.ts';
import { describeOutcome } from '../../active-response/outcome.ts';
import { record } from '../../active-response/record.ts';
import { sweep } from '../../active-response/sweep.ts';
import { scriptOf } from '../place.ts';

/** Ends one response's blocks that are over, puts back what was lost, and says what it did; nothing when nothing. */
export function sweepAndSay(place: Place, say: (text: string) => void): void {
  const begin = performance.now();
  const { home, response } = place;
  const swept = sweep(place).filter(({ isKnown }) => !isKnown);
  for (const { outcome } of swept) say(describeOutcome(response.name, outcome));
  const script = scriptOf(home, response.name);
  const source = { spent: performance.now() - begin };
  for (const { message } of record(home, response.name, script, swept, source)) say(message);
}
