import { appendFile, chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { run } from './run.ts';

const test = labSuite('settings that install moves to /etc/riposte.conf');
const LINES =
  'BLOCK_FOR=1d\nAPACHE_CHECK=/opt/check --all\nMAIL_SERVER=smtp://mail.example.org\nMAIL_SERVER=/opt/mail\n';
let tree: ManagerTree;
let general: string;

test.before.each(async () => {
  tree = await ManagerTree.create('wazuh4-server');
  general = join(tree.root, 'etc/riposte.conf');
  await tree.write('etc/riposte.conf', LINES);
  await chmod(tree.path('etc'), 0o770);
});
test.after.each(() => tree.remove());

const install = (...more: string[]) => run(['install', '--root', tree.root, ...more]);

test('names the settings that have no effect, and changes neither file without --yes', async () => {
  const { exitCode, out, err } = await install();
  assert.is(exitCode, 0, err);
  assert.match(
    out,
    /Riposte reads APACHE_CHECK, MAIL_SERVER only from a file that root alone can change, and \S+\/etc is writable by its group: riposte install --yes moves these lines to \/etc\/riposte\.conf/,
  );
  assert.is(await tree.read('etc/riposte.conf'), LINES);
  assert.not(await stat(general).catch(() => undefined));
});

test('moves the settings with --yes, and leaves all other settings', async () => {
  const { exitCode, err } = await install('--yes');
  assert.is(exitCode, 0, err);
  assert.is(
    await tree.read('etc/riposte.conf'),
    'BLOCK_FOR=1d\n# moved to /etc/riposte.conf: APACHE_CHECK=/opt/check --all\nMAIL_SERVER=smtp://mail.example.org\n# moved to /etc/riposte.conf: MAIL_SERVER=/opt/mail\n',
  );
  assert.match(
    await readFile(general, 'utf8'),
    /^#.*\nAPACHE_CHECK=\/opt\/check --all\nMAIL_SERVER=\/opt\/mail\n$/,
  );
  const { uid, gid, mode } = await stat(general);
  assert.equal([uid, gid, mode & 0o777], [0, 0, 0o644]);
  assert.match((await install('--yes')).out, 'nothing to do');
});

test('adds the settings to an existing /etc/riposte.conf', async () => {
  await mkdir(dirname(general), { recursive: true });
  await writeFile(general, 'APACHE_FILE=/srv/deny.map');
  await install('--yes');
  assert.is(
    await readFile(general, 'utf8'),
    'APACHE_FILE=/srv/deny.map\nAPACHE_CHECK=/opt/check --all\nMAIL_SERVER=/opt/mail\n',
  );
});

test('moves nothing from a riposte.conf that only root can change', async () => {
  await chmod(tree.path('etc'), 0o750);
  await appendFile(tree.path('etc/riposte.conf'), '# ours\n');
  assert.not.match((await install('--yes')).out, 'APACHE_CHECK');
  assert.match(await tree.read('etc/riposte.conf'), /^APACHE_CHECK=/m);
});

test.run();
