import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { diagnoseSlowly } from '../../doctor/diagnose.ts';
import { servicePathOf } from '../../doctor/service.ts';
import { runWithArguments } from '../lab/execd.ts';
import { HostWithDisk } from '../lab/host-with-disk.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('doctor during faults', 'nft');
let disk: HostWithDisk;
let at: Installation;

test.before.each(async () => {
  disk = await HostWithDisk.create();
  at = await Installation.create(disk.asHost());
});
test.after.each(async () => {
  await disk.remove();
  await at.remove();
});

const doctor = async () => String((await verb(at, ['doctor'])).stdout);

for (const flavour of ['map', 'apache24'])
  test(`apache-deny fails, and doctor finishes all checks, when APACHE_FILE is a pipe (${flavour})`, async () => {
    const pipe = join(at.home, 'pipe');
    await execa('mkfifo', [pipe]);
    await at.write(
      'etc/riposte.conf',
      `APACHE_DENY=${flavour}\nAPACHE_FILE=${pipe}\nAPACHE_CHECK=/bin/true\n`,
    );
    const { status, stderr } = await runWithArguments(at, 'apache-deny', ossec('add', '198.51.100.7'));
    assert.is(status, 74);
    assert.match(stderr, /pipe: it is a pipe, not a regular file/);
    assert.is((await runWithArguments(at, 'apache-deny', ossec('delete', '198.51.100.7'))).status, 74);
    assert.is((await verb(at, ['status'])).exitCode, 0);
    const said = await doctor();
    assert.match(said, /\d+ problems?, \d+ warnings?, \d+ ok/);
  });

for (const [fault, options, make, seen] of [
  [
    'full',
    'size=256k',
    (data: string) => disk.fill(data),
    /file system of \S+ is full: Riposte keeps blocks in memory only/,
  ],
  [
    'without inodes',
    'nr_inodes=40',
    (data: string) => disk.sh(`i=0; while true > ${data}/f$i; do i=$((i+1)); done 2>/dev/null; true`),
    /file system of \S+ has no free inodes/,
  ],
  [
    'read-only',
    '',
    (data: string) => disk.sh(`mount -o remount,ro ${data}`),
    /cannot be written to \(EROFS\)/,
  ],
] as const)
  test(`says that the disk is ${fault}`, async () => {
    const data = join(at.home, 'var');
    await disk.mountDisk(data, options || undefined);
    await make(data);
    const said = await doctor();
    assert.match(said, seen);
    assert.not.match(said, /var\/riposte can be written/);
    assert.match(said, /\d+ problems?, \d+ warnings?, \d+ ok/);
  });

test('uses the service’s default PATH when execd ends during the check', () => {
  const { source } = servicePathOf([{ name: 'execd', pid: 4_194_305, started: 0 }]);
  assert.match(source, /default$/);
});

test('keeps the other findings when a slow check fails', async () => {
  const failing = () => Promise.reject(Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' }));
  const [finding] = await diagnoseSlowly('self-test', {} as never, failing);
  assert.equal([finding?.topic, finding?.state], ['self-test', 'problem']);
  assert.match(finding?.seen ?? '', 'cannot be checked: kill ESRCH');
});

test.run();
