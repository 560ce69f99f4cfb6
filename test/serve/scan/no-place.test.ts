import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../base/errors.ts';
import { temporaryDirectory } from '../../active-response/support.ts';
import { run } from '../../install/run.ts';

for (const [verb, ...words] of [
  ['scan'],
  ['serve', '/dev/null'],
  ['respond'],
  ['allow', '203.0.113.9'],
] as const)
  test(`${verb} names the path that prevents files in the home`, async () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, 'var'), '');
    const { exitCode, err } = await run([verb, '--home', home, ...words]);
    assert.is(exitCode, EX.IOERR, err);
    assert.match(
      err,
      /^riposte: cannot (?:make|lock) \S+\/var\/riposte\S*: .*(?:not a directory|in the way)/,
    );
    assert.is(err.split('\n').length, 1);
  });

test.run();
