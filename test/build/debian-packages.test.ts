/** Tests the scripts that fetch Debian packages. A stand-in for apt-get fails as apt-get does when a mirror fails. */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { directoryOfPrograms, temporaryDirectory } from '../active-response/support.ts';
import { missingPrograms } from '../lab/debian-programs.ts';
import { PATH } from '../lab/tools.ts';

/**
 * Makes a stand-in for apt-get that records its calls. At the download or installation of number N, the stand-in runs
 * `onAttempt[N]`, a shell text. A stand-in for sleep ends at once, so that the scripts do not pause.
 */
function aptGet(onAttempt: Record<number, string>) {
  const calls = join(temporaryDirectory(), 'calls');
  const cases = Object.entries(onAttempt).map(([attempt, script]) => `${attempt}) ${script};;`);
  const path = directoryOfPrograms({
    'apt-get': `case " $* " in *" update "*) echo update >> ${calls}; exit;; esac
echo attempt >> ${calls}
case $(grep -c attempt ${calls}) in ${cases.join(' ')} *) exit 100;; esac`,
    sleep: 'exit 0',
    'dpkg-deb':
      'case $2 in *broken*) exit 2;; esac; mkdir -p "$3/usr/sbin"; install -m 755 "$2" "$3/usr/sbin/$(basename "$2" .deb)"',
  });
  return { env: { PATH: `${path}:${PATH}` }, calls: () => readFileSync(calls, 'utf8').trim().split('\n') };
}

const apt = (env: Record<string, string>, ...words: string[]) =>
  execa('bash', ['-c', `. ${resolve('build/apt.sh')}; apt_get "$@"`, 'bash', ...words], {
    env,
    reject: false,
  });

test('tries again with new package lists after one failure', async () => {
  const { env, calls } = aptGet({ 2: 'exit 0' });
  const { exitCode, stdout } = await apt(env, 'install', 'x');
  assert.is(exitCode, 0);
  assert.equal(calls(), ['attempt', 'update', 'attempt']);
  assert.match(stdout, 'apt-get install has failed (see above): trying again in 0 s');
});

test('gives up after repeated failures, with the exit status', async () => {
  const { env, calls } = aptGet({});
  assert.is((await apt(env, 'install', 'x')).exitCode, 100);
  assert.is(calls().filter((call) => call === 'attempt').length, 4);
});

test('runs one apt-get at a time', async () => {
  const runs = join(temporaryDirectory(), 'runs');
  const path = directoryOfPrograms({
    'apt-get': `mkdir ${runs} || exit 9; for i in 1 2 3; do command -p sleep 0.1; done; rmdir ${runs}`,
    sleep: 'exit 0',
  });
  const env = { PATH: `${path}:${PATH}` };
  const all = await Promise.all([1, 2, 3].map(() => apt(env, 'install', 'x')));
  assert.equal(
    all.map(({ exitCode, stdout }) => [exitCode, stdout]),
    [1, 2, 3].map(() => [0, '']),
  );
});

test('names the command and its last lines when a package cannot be installed', async () => {
  const { env } = aptGet({ 4: 'echo "E: Unable to locate package rpm" >&2; exit 100' });
  const { PATH: before } = process.env;
  process.env.PATH = env.PATH;
  try {
    const lacks = await missingPrograms({ 'no-such-rpmbuild': 'rpm', sh: 'dash' });
    assert.match(String(lacks), /^rpm \(apt-get install -y --no-install-recommends rpm: exit status 100\n/);
    assert.match(String(lacks), 'E: Unable to locate package rpm');
    assert.is(await missingPrograms({ sh: 'dash' }), undefined);
  } finally {
    process.env.PATH = before;
  }
});

const firewalld = process.getuid?.() === 0 ? test : test.skip;

firewalld('leaves no incomplete firewalld after a failure', async () => {
  const cache = temporaryDirectory();
  // The first attempt may be for libraries, because the script installs the libraries that Debian's own Python lacks.
  const half = 'case "$*" in *download*) touch firewalld.deb broken.deb; exit 0;; esac; exit 0';
  const { env } = aptGet({ 1: half, 2: half });
  const words = ['test/lab/firewalld-packages.sh', cache];
  const { stdout } = await execa('bash', words, { env, reject: false });
  assert.match(stdout, /^firewalld \(it is only unpacked/m);
  assert.equal(await readdir(cache), ['lock']);
  const whole = half.replace(' broken.deb', '');
  await execa('bash', words, { env: aptGet({ 1: whole, 2: whole }).env, reject: false });
  assert.equal((await readdir(cache)).sort(), ['lock', 'root']);
});

test.run();
