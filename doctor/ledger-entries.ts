import { join } from 'node:path';
import { type Block, blockedAddresses, readBlock } from '../active-response/ledger.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { RiposteError } from '../base/errors.ts';
import type { Examination } from './examination.ts';

/** The blocks in the ledger, and the files that hold no valid block. */
export interface Entries {
  readonly blocks: readonly Block[];
  readonly damaged: readonly string[];
}

const known = new WeakMap<Examination, Entries>();

/** Reads the ledger once per examination. */
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
        if (block) blocks.push({ ...block, response: name }); // the directory, not the entry, names the response
      } catch (error) {
        if (!(error instanceof RiposteError)) throw error;
        damaged.push(join(home.blocks, name, `${address.replace('/', '_')}.json`));
      }
    }
  }
  return { blocks, damaged };
}
