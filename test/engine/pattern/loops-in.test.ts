import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loopsIn } from '../../../engine/pattern/loops-in.ts';

const sorted = (loops: Set<number>[]) => loops.map((loop) => [...loop].sort((a, b) => a - b)).sort();

test('finds states that lead directly to themselves, and rings of states, and no other state', () => {
  assert.equal(sorted(loopsIn([])), []);
  assert.equal(sorted(loopsIn([[1], [2], []])), []);
  assert.equal(sorted(loopsIn([[0, 1], [2], [1], [3]])), [[0], [1, 2], [3]]);
});

test('finds two states in a loop exactly when each leads to the other', () => {
  const graphs = fc
    .integer({ min: 1, max: 9 })
    .chain((size) =>
      fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 4 }), { minLength: size, maxLength: size }),
    );
  fc.assert(
    fc.property(graphs, (next) => {
      const after = next.map((_, state) => reachable(next, state));
      const expected = new Map(
        next.flatMap((_, a) => {
          if (!after[a]?.has(a)) return [];
          const states = [...next.keys()].filter((b) => after[a]?.has(b) && after[b]?.has(a));
          return [[states.join(), states] as const];
        }),
      );
      assert.equal(sorted(loopsIn(next)), [...expected.values()].sort());
    }),
  );
});

test('accepts a chain of 100,000 states without deep recursion', () => {
  const chain = Array.from({ length: 100_000 }, (_, state) => [(state + 1) % 100_000]);
  assert.is(loopsIn(chain)[0]?.size, 100_000);
});

function reachable(next: number[][], from: number): Set<number> {
  const found = new Set<number>();
  const stack = [...(next[from] ?? [])];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (found.has(state)) continue;
    found.add(state);
    stack.push(...(next[state] ?? []));
  }
  return found;
}

test.run();
