import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

for (const [what, program, ...args] of [
  ['the types are right', 'tsc', '--noEmit'],
  ['the types of the page of a report are right', 'tsc', '--noEmit', '-p', 'cli/report/page'],
  ['formatter and linter find nothing', 'biome', 'check', '--error-on-warnings', '.'],
] as const) {
  test(what, async () => {
    const { exitCode, all } = await execa(program, args, { preferLocal: true, all: true, reject: false });
    assert.is(exitCode, 0, all);
  });
}
test.run();
