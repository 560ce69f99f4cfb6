import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { groupId } from '../../../serve/socket/group.ts';

test('takes a group’s number, and finds a group’s name in the file of groups', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-group-'));
  const file = join(directory, 'group');
  await writeFile(file, 'root:x:0:\nwww-data:x:33:alice,bob\n');
  assert.is(groupId(33, file), 33);
  assert.is(groupId('4000', file), 4000);
  assert.is(groupId('www-data', file), 33);
  assert.throws(() => groupId('apache', file), /there is no group 'apache' in .*; give its name or number/);
  await rm(directory, { recursive: true });
});

test.run();
