import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closeLeakedFds } from '../../daemon/close-leaked-fds.ts';
import { temporaryDirectory } from '../active-response/support.ts';

test('closes only the descriptors of files in the directory', () => {
  const [directory, other] = [temporaryDirectory(), temporaryDirectory()];
  const [here, there] = [directory, other].map((each) => {
    writeFileSync(join(each, 'file'), '');
    return openSync(join(each, 'file'), 'w');
  });
  closeLeakedFds(directory);
  assert.throws(() => writeSync(Number(here), 'x'), 'EBADF');
  assert.is(writeSync(Number(there), 'x'), 1);
  closeSync(Number(there));
});

test('closes descriptors when the directory has been removed', () => {
  const directory = temporaryDirectory();
  const fd = openSync(join(directory, 'file'), 'w');
  rmSync(directory, { recursive: true });
  closeLeakedFds(directory);
  assert.throws(() => writeSync(fd, 'x'), 'EBADF');
});

test.run();
