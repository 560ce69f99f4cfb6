import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SERVER_FILES } from '../../../install/sandbox.ts';
import { unitText } from '../../../install/units/serve-unit.ts';
import { timerFiles, timerLinks } from '../../../install/units/timer.ts';
import { missing } from '../../lab/tools.ts';

const [program, home] = ['/var/ossec/bin/riposte', '/var/ossec'];

test('writes lines for cron on a host without systemd: a sweep every five minutes, a restore at boot', async () => {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  const [file, ...others] = timerFiles(root, program, home);
  assert.is(file?.path, join(root, 'etc/cron.d/riposte'));
  assert.equal([others, timerLinks(root)], [[], []]);
  const jobs = file?.bytes
    .toString()
    .split('\n')
    .filter((line) => /^[*@]/.test(line));
  assert.equal(jobs, [
    '*/5 * * * * root /var/ossec/bin/riposte sweep --home /var/ossec >/dev/null',
    '@reboot root /var/ossec/bin/riposte restore --home /var/ossec >/dev/null',
  ]);
  await rm(root, { recursive: true });
});

test('writes units on a host with systemd, and enables them as systemctl does', async () => {
  const root = await hostWithSystemd();
  const files = timerFiles(root, program, home);
  const units = files.map(({ path }) => basename(path));
  assert.equal(units, ['riposte-sweep.service', 'riposte-sweep.timer', 'riposte-restore.service']);
  for (const { path, target } of timerLinks(root)) {
    const file = files.find((each) => each.path === root + target);
    const wants = /^WantedBy=(.*)$/m.exec(file?.bytes.toString() ?? '')?.[1];
    assert.is(path, `${root}/etc/systemd/system/${wants}.wants/${basename(target)}`);
  }
  await rm(root, { recursive: true });
});

test('gives sweep and restore the sandbox of the server, and sweep the permissions for sending mail', async () => {
  const root = await hostWithSystemd();
  const [sweep = '', , restore = ''] = timerFiles(root, program, home).map(({ bytes }) => bytes.toString());
  const server = unitText({ node: '/n', program, home, writes: SERVER_FILES });
  const settingsOf = (text: string) =>
    text
      .split('\n')
      .filter((line) => /^(Protect|Private|Restrict|ReadWrite|Cap|NoNew|System|Lock|Key|UMask)/.test(line));
  const isLoose = (line: string) => /^RestartPrevent/.test(line);
  assert.equal(
    settingsOf(restore),
    settingsOf(server).filter((line) => !isLoose(line)),
  );
  const more = settingsOf(sweep).filter((line) => !settingsOf(restore).includes(line));
  assert.equal(more, [
    'ReadWritePaths=/run -/var/ossec/var/riposte -/var/ossec/logs -/var/lib/riposte/apache -/var/lib/riposte/nginx -/var/lib/riposte/haproxy -/var/log/nginx -/var/spool -/var/log/exim4',
    'CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN CAP_SETUID CAP_SETGID CAP_FOWNER',
  ]);
  await rm(root, { recursive: true });
});

const verify = missing('systemd-analyze').length === 0 ? test : test.skip;

verify('writes units that pass the checks of systemd', async () => {
  const root = await hostWithSystemd();
  const directory = join(root, 'units');
  await mkdir(directory);
  for (const { path, bytes } of timerFiles(root, '/bin/true', home))
    await writeFile(join(directory, basename(path)), bytes);
  const files = timerFiles(root, program, home).map(({ path }) => join(directory, basename(path)));
  const { exitCode, all } = await execa('systemd-analyze', ['verify', '--man=no', ...files], {
    all: true,
    reject: false,
    env: { SYSTEMD_UNIT_PATH: `${directory}:` },
  });
  const ours = String(all)
    .split('\n')
    .filter((line) => line.includes('riposte'));
  assert.equal([exitCode, ours], [0, []]);
  await rm(root, { recursive: true });
});

test.run();

async function hostWithSystemd(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  await mkdir(join(root, 'run/systemd/system'), { recursive: true });
  return root;
}
