import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scene } from '../cli/scene.ts';

/** `riposte doctor --candidate FILE --as PATH`, for tools that write settings. */
async function check(text: string, name: string, mode = 0o700) {
  const { home, run, write } = scene();
  const place = join(home.root, 'etc', name);
  mkdirSync(join(home.root, 'etc'));
  chmodSync(join(home.root, 'etc'), mode);
  write('candidate', text);
  const { exitCode, out, err } = await run(
    'doctor',
    '--candidate',
    join(home.root, 'candidate'),
    '--as',
    place,
  );
  return { exitCode, out, err: err.replaceAll(place, 'PLACE') };
}

test('accepts valid settings and a valid allow list', async () => {
  const settings =
    'BLOCK_FOR=1d,7d\nLOGS=/var/log/nginx/access.log\nLOG_FORMAT_own=nginx:$remote_addr $request\n';
  assert.is((await check(settings, 'riposte.conf')).exitCode, 0);
  const list = await check(
    '192.0.2.1 # office\nhome.example.net until 2030-01-01T00:00:00Z\n',
    'riposte.allow',
  );
  assert.is(list.exitCode, 0, list.err);
  assert.match(list.out, 'is valid as');
});

test('names the place, line and form of each fault', async () => {
  const text = 'BLOCK_FOR=soon\n#\nLOGS=access.log\nMAIL_WEBHOOK=\nBLOCK_FORR=1d\nLOG_FORMAT_x=apachee:%h\n';
  const { exitCode, err } = await check(text, 'riposte.conf');
  assert.is(exitCode, 78);
  for (const [line, words] of [
    [1, "BLOCK_FOR is 'soon', but must be times such as 1d,7d"],
    [3, "LOGS is 'access.log', but must be"],
    [5, 'unknown key BLOCK_FORR; do you mean BLOCK_FOR?'],
    [6, 'LOG_FORMAT_x'],
  ])
    assert.match(err, `PLACE:${line}: ${words}`);
});

test('names the line of an allow list that has an invalid address', async () => {
  const { exitCode, err } = await check('192.0.2.1\n192.0.2.300\n', 'riposte.allow');
  assert.is(exitCode, 78);
  assert.match(err, "PLACE:2: '192.0.2.300' is not an address, a prefix or a host name");
});

test('refuses a program for root in a file whose directory other accounts can change', async () => {
  const text = 'APACHE_CHECK=/bin/true\n';
  assert.is((await check(text, 'riposte.conf')).exitCode, 0);
  const { exitCode, err } = await check(text, 'riposte.conf', 0o770);
  assert.is(exitCode, 78);
  assert.match(err, 'PLACE:1: APACHE_CHECK names a program, file or server for root');
});

test('refuses other paths, a missing file, and --as without --candidate', async () => {
  assert.match(
    (await check('', 'riposte.mail')).err,
    '--as names a riposte.conf or a riposte.allow, not PLACE',
  );
  const { run } = scene();
  assert.is((await run('doctor', '--candidate', '/nowhere', '--as', '/etc/riposte.conf')).exitCode, 64);
  assert.is((await run('doctor', '--as', '/etc/riposte.conf')).exitCode, 64);
});

test.run();
