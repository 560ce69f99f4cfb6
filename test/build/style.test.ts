import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

for (const [what, program, ...args] of [
  ['has the right types', 'tsc', '--noEmit'],
  ['has the right types in the page of a report', 'tsc', '--noEmit', '-p', 'report/page'],
  ['passes formatter and linter', 'biome', 'check', '--error-on-warnings', '.'],
] as const) {
  test(what, async () => {
    const { exitCode, all } = await execa(program, args, { preferLocal: true, all: true, reject: false });
    assert.is(exitCode, 0, all);
  });
}
test.run();
