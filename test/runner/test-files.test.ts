import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LONG, type TestFile, testFiles } from './test-files.ts';

const files = await testFiles();

function fileOf(part: string): TestFile {
  const found = files.find(({ path }) => path.endsWith(part));
  if (found === undefined) throw new Error(`there is no test file ${part}`);
  return found;
}

for (const part of ['/address.test.ts', '/pcre2.test.ts', '/combined.test.ts'])
  test(`counts ${part} as a unit test`, () => {
    const { isUnit, isLab } = fileOf(part);
    assert.equal([isUnit, isLab], [true, false]);
  });

for (const [part, why] of [
  ['/build/style.test.ts', 'starts a program'],
  ['/cli/completion.test.ts', 'starts a program'],
  ['/build/man-page.test.ts', 'reads the output of the build'],
  ['/configuration/nginx.test.ts', 'looks for a Debian package'],
] as const)
  test(`does not count ${part} as a unit test, because it ${why}`, () => {
    const { isUnit, isLab } = fileOf(part);
    assert.equal([isUnit, isLab], [false, false]);
  });

test('recognizes a file that starts hosts, even if other files of test/ start them', () => {
  const { isUnit, isLab } = fileOf('/e2e/storm.test.ts');
  assert.equal([isUnit, isLab], [false, true]);
});

test('recognizes a file that takes a share of a long series', () => {
  assert.is(fileOf('/runner/share.test.ts').isShared, true);
  assert.is(fileOf('/e2e/guard.test.ts').isShared, false);
});

test('names only existing files as long', () => {
  for (const path of LONG) assert.ok(existsSync(path), path);
});

test.run();
