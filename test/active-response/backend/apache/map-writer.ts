/** A child of map.test.ts: `FILE FIRST COUNT` denies so many addresses, then allows every other of them again. */
import { parseTarget } from '../../../../active-response/address.ts';
import { apacheMap } from '../../../../active-response/backend/apache/map.ts';
import { realExecutor } from '../../../../active-response/backend/execute.ts';

const [file = '', first, count] = process.argv.slice(2);
const map = apacheMap(file, () => []);
const change = (verb: 'block' | 'unblock', host: number) =>
  map.apply(
    { verb, known: false, address: parseTarget(`198.51.${Number(first)}.${host}`) },
    realExecutor(1, {}),
  );

for (let host = 1; host <= Number(count); host++) {
  change('block', host);
  if (host % 2 === 0) change('unblock', host);
}
