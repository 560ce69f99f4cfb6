import { format } from 'date-fns';
import { Installation } from '../lab/installation.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';

/** What a scene of the demo needs: a network, a home with the built scripts, and a voice. */
export interface Stage {
  readonly network: Network;
  readonly installation: Installation;
  /** Says what is done. */
  say(text: string): void;
  /** Says what was seen, and remembers when that was not what should be. */
  saw(what: string, seen: string, expected: string): void;
  /** Has somebody outside fetch the page, and sees how that ends: an HTTP status, or 0 for no answer. */
  fetch(who: 'attacker' | 'visitor', expected: number): Promise<void>;
}

let asExpected = true;

/** The journals that the scenes have left, in their order. */
export const journals: string[] = [];

/** True as long as everything was seen as it should be. */
export const allAsExpected = (): boolean => asExpected;

/** Plays a scene in a network of its own, which vanishes again. */
export async function scene(title: string, play: (stage: Stage) => Promise<void>): Promise<void> {
  console.log(`\n${title}`);
  const network = await createNetwork();
  const installation = await Installation.create(network.web);
  const fetch: Stage['fetch'] = async (who, expected) => {
    const seen = await network.fetch(ADDRESS[who]);
    saw(`the ${who} (${ADDRESS[who]}) fetches the page`, answer(seen), answer(expected));
  };
  try {
    await play({ network, installation, say, saw, fetch });
  } finally {
    journals.push(await installation.read('var/riposte/events.jsonl'));
    await network.remove();
    await installation.remove();
  }
}

const answer = (status: number) => (status === 0 ? 'no answer' : `HTTP ${status}`);

function say(text: string): void {
  console.log(`${format(new Date(), 'HH:mm:ss')}    ${text}`);
}

/** Says what was seen, and remembers when that was not what should be. */
export function saw(what: string, seen: string, expected: string): void {
  asExpected &&= seen === expected;
  say(`${what}: ${seen}${seen === expected ? '' : `, BUT EXPECTED: ${expected}`}`);
}
