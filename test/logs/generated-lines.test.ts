import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../logs/readers/formats.ts';
import { SHARE } from '../runner/share.ts';
import { linesFor, printTallies, readGenerated, type Seen, type Tally } from './generated-lines.ts';
import { lineKinds } from './line-kinds.ts';

/** The number of lines of all kinds together; bench/lines.ts reads more. */
const LINES = 200_000;
/** The seed of the first kind; the next kinds have the next numbers. The share `rest` has a seed of its own. */
const SEED = SHARE === 'rest' ? 19_870_412 : 20_261_128;

const kinds = lineKinds();
const tallies: Tally[] = [];

for (const [index, kind] of kinds.entries()) {
  test(`names the true client or no client in lines of ${kind.name}`, () => {
    const tally = readGenerated(kind, linesFor(kind, kinds, LINES), SEED + index);
    tallies.push(tally);
    const [direct, proxied] = kind.least;
    assertSeen(tally.direct, direct, 'without a proxy');
    assertSeen(tally.proxied, proxied, 'through the proxy');
  });
}

/** Fails when too few records have their client and target: an attacker must not be able to hide requests. */
function assertSeen({ whole, requests }: Seen, least: number, how: string): void {
  assert.ok(requests > 0, 'requests were made');
  const share = whole / requests;
  assert.ok(share >= least, `${whole} of ${requests} requests ${how} have client and target`);
}

test('makes lines of every format', () => {
  const made = new Set(kinds.map(({ format }) => format.name));
  assert.equal(
    FORMATS.map(({ name }) => name).filter((name) => !made.has(name)),
    [],
  );
});

test('has read all lines', () => {
  const lines = tallies.reduce((sum, tally) => sum + tally.lines, 0);
  assert.ok(lines >= LINES, `${lines} lines`);
  printTallies(tallies);
});

test.run();
