import { format } from 'date-fns';
import { Installation } from '../lab/installation.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';

/** The tools of a scene of the demo: a network, a home with the built scripts, and output. */
export interface Stage {
  readonly network: Network;
  readonly installation: Installation;
  /** Prints a step of the scene. */
  say(text: string): void;
  /** Prints an observation, and remembers whether it was as expected. */
  saw(what: string, seen: string, expected: string): void;
  /** Lets the attacker or the visitor fetch the page, and checks the result: an HTTP status, or 0 for no answer. */
  fetch(who: 'attacker' | 'visitor', expected: number): Promise<void>;
}

let asExpected = true;

/** The journals of the scenes, in order. */
export const journals: string[] = [];

/** True as long as every observation was as expected. */
export const allAsExpected = (): boolean => asExpected;

/** Plays a scene in a temporary network of its own. */
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

/** Prints an observation, and remembers whether it was as expected. */
export function saw(what: string, seen: string, expected: string): void {
  asExpected &&= seen === expected;
  say(`${what}: ${seen}${seen === expected ? '' : `, BUT EXPECTED: ${expected}`}`);
}
