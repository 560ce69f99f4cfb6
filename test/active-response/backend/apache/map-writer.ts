/**
 * A child of map.test.ts and compact-map.test.ts: `FILE FIRST COUNT [LEDGER]` denies COUNT addresses in FILE, and
 * allows every second address again. LEDGER is a directory: the program creates a file with the address as its name
 * before it denies the address, and removes the file before it allows the address.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apacheMap } from '../../../../active-response/backend/apache/map.ts';
import { parseTarget } from '../../../../base/address.ts';
import { realExecutor } from '../../../../base/execute.ts';

const [file = '', first, count, ledger] = process.argv.slice(2);
const map = apacheMap(file, () => []);
const change = (verb: 'block' | 'unblock', host: number) => {
  const address = parseTarget(`198.51.${Number(first)}.${host}`);
  if (ledger !== undefined && verb === 'block') writeFileSync(join(ledger, address.text), '');
  if (ledger !== undefined && verb === 'unblock') rmSync(join(ledger, address.text));
  map.apply({ verb, known: false, address }, realExecutor(1, {}));
};

for (let host = 1; host <= Number(count); host++) {
  change('block', host);
  if (host % 2 === 0) change('unblock', host);
}
