import { closeSync, openSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isTerminal } from '../../base/terminal.ts';

for (const [file, expected] of [
  ['/dev/ptmx', true],
  ['/dev/null', false],
  ['/dev/zero', false],
  ['package.json', false],
  ['.', false],
] as const)
  test(`${file} ${expected ? 'is' : 'is not'} a terminal`, () => {
    const fd = openSync(file, 'r');
    try {
      assert.is(isTerminal(fd), expected);
    } finally {
      closeSync(fd);
    }
  });

test('a closed descriptor is not a terminal', () => {
  const fd = openSync('.', 'r');
  closeSync(fd);
  assert.not.ok(isTerminal(fd));
});

test.run();
