/** Reads a ledger with its index, changes it, and reads it again. Arguments: the home's root. */
import { homeAt } from '../../active-response/home.ts';
import { endBlock, readBlock, writeBlock } from '../../active-response/ledger.ts';
import { readIndexedLedger } from '../../active-response/ledger-index.ts';

const home = homeAt(process.argv[2] ?? '');
const { blocks } = readIndexedLedger(home, 'route-null');
for (const { address } of blocks.slice(0, 2)) {
  const block = readBlock(home, 'route-null', address);
  if (block) writeBlock(home, { ...block, offence: 2 });
}
endBlock(home, 'route-null', blocks[2]?.address ?? '');
// Changes enough entries that the next read makes a new index.
for (const block of blocks.slice(3, 200)) writeBlock(home, { ...block, offence: 2 });
readIndexedLedger(home, 'route-null');
