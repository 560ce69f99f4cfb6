/**
 * Writes two entries together. While the second waits for its name, keeps an operator's newer block of the first in
 * memory, as another process does whose disk is full. Prints the entry that counts then. Arguments: the home's root.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { homeAt } from '../../active-response/home.ts';
import { type Block, readBlock, writeBlocks } from '../../active-response/ledger.ts';
import { inMemory } from '../../active-response/unrecorded.ts';

const home = homeAt(process.argv[2] ?? '');
/** Its entry is so long that it gets a file of its own. */
const blockOf = (address: string): Block => ({
  address,
  response: 'route-null',
  backend: 'route',
  since: '2026-11-20T09:00:00.000Z',
  until: '2026-12-20T09:00:00.000Z',
  offence: 1,
  note: 'x'.repeat(5000),
});
const keep = (block: Block) => {
  const file = join(inMemory(home).blocks, block.response, `${block.address}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(block));
};
const named: string[] = [];
await writeBlocks(home, ['203.0.113.1', '203.0.113.2'].map(blockOf), () => ({ address }) => {
  const [first] = named;
  if (first) keep({ ...blockOf(first), until: null, isOwn: true });
  named.push(address);
  return 'create';
});
console.log(JSON.stringify(readBlock(home, 'route-null', named[0] ?? '')));
