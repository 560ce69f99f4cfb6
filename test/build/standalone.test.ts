import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { filesOfDist } from '../../base/carried-files.ts';
import { EMAIL_ALERT, EMAIL_SIZE_LIMIT, RESPONSES, SIZE_LIMIT } from '../../build/bundle-responses.ts';
import { INTERPRETERS } from '../lab/suite.ts';

for (const response of RESPONSES) {
  const built = `dist/active-response/${response}.js`;

  test(`builds ${response} as one executable CommonJS file for the shell and for Node, under its limit`, async () => {
    const { mode, size } = await stat(built);
    assert.is(mode & 0o111, 0o111);
    assert.ok(size < SIZE_LIMIT, `${size} bytes`);
    const text = await readFile(built, 'utf8');
    assert.match(text, /^#!\/bin\/sh\n':' \/\*\n/);
    assert.match(text, new RegExp(`^node=node\nresponse=${response}$`, 'm'));
    assert.not.match(text, /^(import|export) /m);
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) =>
      name.replace('node:', ''),
    );
    assert.equal(
      required.filter((name) => !builtinModules.includes(name)),
      [],
    );
    assert.not.match(text, 'dismantle'); // only riposte.js has the functions of a backend that metrics and uninstall call
  });

  for (const [name, node] of INTERPRETERS) {
    test(`runs ${response} alone in an empty directory on ${name}`, async () => {
      const home = await mkdtemp(join(tmpdir(), 'riposte-alone-'));
      const bin = join(home, 'active-response/bin');
      await mkdir(bin, { recursive: true });
      await copyFile(built, join(bin, `${response}.js`));
      const { stdout } = await execa(node, [join(bin, `${response}.js`), 'add', '-', '127.0.0.1'], {
        stdin: 'ignore',
      });
      assert.match(stdout, 'held');
      assert.equal((await readdir(home)).sort(), ['active-response', 'logs', 'var']);
      await rm(home, { recursive: true });
    });
  }

  test(`starts ${response} by its #! line inside this repository, which is ESM`, async () => {
    const { stdout } = await execa(`./${built}`, ['--version'], { stdin: 'ignore' });
    assert.match(stdout, `riposte ${response} `);
  });
}

test('builds the e-mail hook as one CommonJS file under its own limit, and puts none of it into other scripts', async () => {
  const { mode, size } = await stat(`dist/active-response/${EMAIL_ALERT}.js`);
  assert.is(mode & 0o111, 0o111);
  assert.ok(size < EMAIL_SIZE_LIMIT, `${size} bytes`);
  for (const response of RESPONSES) {
    const text = await readFile(`dist/active-response/${response}.js`, 'utf8');
    for (const part of ['nodemailer', '/notify/', 'MAIL_TO']) assert.not.match(text, part);
  }
});

test('runs the e-mail hook alone in an empty directory', async () => {
  const home = await mkdtemp(join(tmpdir(), 'riposte-alone-'));
  const bin = join(home, 'active-response/bin');
  await mkdir(bin, { recursive: true });
  await copyFile(`dist/active-response/${EMAIL_ALERT}.js`, join(bin, `${EMAIL_ALERT}.js`));
  for (const [, node] of INTERPRETERS) {
    const words = [join(bin, `${EMAIL_ALERT}.js`), 'add', '-', '203.0.113.9'];
    const { stderr, exitCode } = await execa(node, words, { stdin: 'ignore', reject: false });
    assert.is(exitCode, 78);
    assert.match(stderr, 'no recipient of messages is set');
  }
  await rm(home, { recursive: true });
});

test("builds ModSecurity's hook as one small executable file for bash", async () => {
  const { mode, size } = await stat('dist/modsec-exec.js');
  assert.is(mode & 0o111, 0o111);
  assert.ok(size < 4096, `${size} bytes`);
  assert.match(await readFile('dist/modsec-exec.js', 'utf8'), /^#!\/bin\/bash -p\n/);
});

test('includes ModSecurity’s hook in the files of the operator’s command', () => {
  assert.match(filesOfDist('dist')['modsec-exec.js'] ?? '', 'node');
});

test.run();
