/**
 * A child of map.test.ts and compact-map.test.ts: `FILE FIRST COUNT [LEDGER]` denies so many addresses, then allows
 * every other of them again. With LEDGER, a directory, it first says so there: by a file of that name, or none.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTarget } from '../../../../active-response/address.ts';
import { apacheMap } from '../../../../active-response/backend/apache/map.ts';
import { realExecutor } from '../../../../active-response/backend/execute.ts';

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
