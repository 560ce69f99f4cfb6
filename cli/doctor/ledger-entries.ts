import { join } from 'node:path';
import { RiposteError } from '../../active-response/errors.ts';
import { type Block, blockedAddresses, readBlock } from '../../active-response/ledger.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import type { Examination } from './examination.ts';

/** What the ledger holds: blocks, and the files that cannot be read as one. */
export interface Entries {
  readonly blocks: readonly Block[];
  readonly damaged: readonly string[];
}

const known = new WeakMap<Examination, Entries>();

/** Reads the ledger, once for each examination. */
export function ledgerOf(examined: Examination): Entries {
  const entries = known.get(examined) ?? readLedger(examined);
  known.set(examined, entries);
  return entries;
}

function readLedger({ home }: Examination): Entries {
  const blocks: Block[] = [];
  const damaged: string[] = [];
  for (const { name } of RESPONSES) {
    for (const address of blockedAddresses(home, name)) {
      try {
        const block = readBlock(home, name, address);
        if (block) blocks.push({ ...block, response: name }); // whatever stands in it
      } catch (error) {
        if (!(error instanceof RiposteError)) throw error;
        damaged.push(join(home.blocks, name, `${address.replace('/', '_')}.json`));
      }
    }
  }
  return { blocks, damaged };
}
