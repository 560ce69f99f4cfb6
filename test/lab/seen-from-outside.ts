import * as assert from 'uvu/assert';
import { ADDRESS } from './network.ts';
import { eventually } from './server.ts';

/** A response under test, and the web host as its clients see it. */
export interface SeenFromOutside {
  /** Runs the response. @returns its exit status */
  readonly run: (command: 'add' | 'delete', address: string) => Promise<number | undefined>;
  /** Fetches a page. @returns the HTTP status, or 0 without an answer */
  readonly fetch: (from: string) => Promise<number>;
  /** The result of `fetch` for a blocked address. */
  readonly denied: number;
  /** True for a server that applies a change a moment after the response has ended. */
  readonly isLate?: boolean;
}

const FREE = 200;

/** Checks that the attacker, but not its neighbour, is blocked from the add to the delete. */
export async function assertBlockedUntilDelete(
  outside: SeenFromOutside,
  attacker: string = ADDRESS.attacker,
): Promise<void> {
  const { run, fetch, denied } = outside;
  assert.is(await fetch(attacker), FREE, attacker);
  assert.is(await run('add', attacker), 0, attacker);
  await assertSeen(outside, attacker, denied);
  assert.is(await fetch(ADDRESS.visitor), FREE);
  assert.is(await run('delete', attacker), 0, attacker);
  await assertSeen(outside, attacker, FREE);
}

/** Checks that repeated adds and deletes succeed, and that a delete without an add succeeds, too. */
export async function assertRepeatable(
  outside: SeenFromOutside,
  target: string = ADDRESS.attacker,
  attacker = target,
): Promise<void> {
  for (const command of ['delete', 'add', 'add', 'delete', 'delete'] as const) {
    assert.is(await outside.run(command, target), 0, `${command} ${target}`);
    await assertSeen(outside, attacker, command === 'delete' ? FREE : outside.denied);
  }
}

async function assertSeen(
  { fetch, isLate }: SeenFromOutside,
  address: string,
  status: number,
): Promise<void> {
  if (isLate) await eventually(`${address} gets ${status}`, async () => (await fetch(address)) === status);
  else assert.is(await fetch(address), status, address);
}
