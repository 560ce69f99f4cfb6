import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FIRST, IN_BOTH_FORMS, isWanted, jobsOf, LEFT_TO_ALL } from './jobs.ts';
import type { Share } from './share.ts';
import type { TestFile } from './test-files.ts';

const file = (path: string, what: Partial<TestFile> = {}): TestFile => ({
  path,
  isUnit: false,
  isLab: false,
  isShared: false,
  ...what,
});
const FILES = [
  file('test/base/address.test.ts', { isUnit: true }),
  file('test/cli/fire.test.ts'),
  file('test/e2e/guard.test.ts', { isLab: true }),
  file('test/install/install.test.ts', { isShared: true }),
  file('test/long/hostile-serve.test.ts'),
];
const namesIn = (share: Share, files = FILES) => jobsOf(files, share).map(({ name }) => name);

test('runs the unit tests together, starts the longest files first, and leaves out long files in npm test', () => {
  assert.equal(namesIn('quick'), [
    'the unit tests',
    'test/install/install.test.ts',
    'test/cli/fire.test.ts',
    'test/e2e/guard.test.ts',
  ]);
});

test('includes in the rest only the jobs that npm test leaves out', () => {
  assert.equal(namesIn('rest'), [
    'test/install/install.test.ts',
    'test/long/hostile-serve.test.ts',
    'test/e2e/guard.test.ts (handed on)',
  ]);
});

test('includes the unit tests in the rest when one of them takes a share of a long series', () => {
  assert.equal(namesIn('rest', [file('test/a.test.ts', { isUnit: true, isShared: true })]), [
    'the unit tests',
  ]);
});

test('includes every job in all', () => {
  assert.is(namesIn('all').length, FILES.length + 1);
});

test('tells a file which form of the scripts to test, and runs the whole file in the second form', () => {
  assert.equal(
    jobsOf([file('test/e2e/guard.test.ts')], 'all').map(({ env }) => env),
    [{ RIPOSTE_TEST_FORM: 'alone' }, { RIPOSTE_TEST_FORM: 'daemon', RIPOSTE_TEST_SHARE: 'all' }],
  );
});

test('runs the whole of a long file, because npm test runs no part of it', () => {
  const [job] = jobsOf([file('test/long/hostile-serve.test.ts', { isShared: true })], 'rest');
  assert.is(job?.env.RIPOSTE_TEST_SHARE, 'all');
});

test('names only files that exist', () => {
  for (const path of [...FIRST, ...IN_BOTH_FORMS, ...LEFT_TO_ALL]) assert.ok(existsSync(path), path);
});

test('runs all files, or the files that an argument names', () => {
  const wanted = (...parts: string[]) => isWanted('test/packaging/rpm.test.ts', parts);
  assert.equal([wanted(), wanted('install'), wanted('install', 'packaging')], [true, false, true]);
});

test.run();
