import type { Command, Executor } from '../../base/execute.ts';
import { look } from './backend.ts';
import { LISTING } from './nftables-many.ts';
import { TABLE } from './nftables-table.ts';
import { sumOf, type Traffic, type Upkeep } from './upkeep.ts';

export const upkeep: Upkeep = {
  counters: (executor) => parseNftCounter(look(LISTING, executor)),
  dismantle({ root, has, executor }) {
    if (root === '/' && has('nft') && isEmpty(executor)) executor.run(DELETE_TABLE);
  },
};

const DELETE_TABLE: Command = { program: 'nft', args: ['delete', 'table', ...TABLE.split(' ')] };

/** Whether our table exists and all its sets are empty. */
function isEmpty(executor: Executor): boolean {
  const { ok, stdout } = executor.look(LISTING);
  return ok && stdout !== '' && objectsIn(stdout).every(({ set }) => (set?.elem ?? []).length === 0);
}

/** Our counter in nft's JSON; zeros if it does not exist. */
export const parseNftCounter = (json: string): Traffic =>
  sumOf(objectsIn(json).flatMap(({ counter }) => (counter?.name === 'dropped' ? counter : [])));

interface NftObject {
  counter?: Traffic & { name: string };
  set?: { elem?: unknown[] };
}

const objectsIn = (json: string): NftObject[] => JSON.parse(json || '{"nftables":[]}').nftables;
