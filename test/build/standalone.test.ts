import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EMAIL_ALERT, EMAIL_SIZE_LIMIT, RESPONSES, SIZE_LIMIT } from '../../build/bundle-responses.ts';
import { filesOfDist } from '../../cli/carried-files.ts';
import { INTERPRETERS } from '../lab/suite.ts';

for (const response of RESPONSES) {
  const built = `dist/active-response/${response}.js`;

  test(`${response} is one CommonJS file for the shell and for Node, with the run bit, under its limit`, async () => {
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
  });

  for (const [name, node] of INTERPRETERS) {
    test(`${response} works alone in an empty directory on ${name}`, async () => {
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

  test(`${response} can be started by its #! line from inside this repository, which is ESM`, async () => {
    const { stdout } = await execa(`./${built}`, ['--version'], { stdin: 'ignore' });
    assert.match(stdout, `riposte ${response} `);
  });
}

test('the e-mail hook is one CommonJS file of its own size, and no other script has any of it', async () => {
  const { mode, size } = await stat(`dist/active-response/${EMAIL_ALERT}.js`);
  assert.is(mode & 0o111, 0o111);
  assert.ok(size < EMAIL_SIZE_LIMIT, `${size} bytes`);
  for (const response of RESPONSES) {
    const text = await readFile(`dist/active-response/${response}.js`, 'utf8');
    for (const part of ['nodemailer', '/notify/', 'MAIL_TO']) assert.not.match(text, part);
  }
});

test('the e-mail hook works alone in an empty directory', async () => {
  const home = await mkdtemp(join(tmpdir(), 'riposte-alone-'));
  const bin = join(home, 'active-response/bin');
  await mkdir(bin, { recursive: true });
  await copyFile(`dist/active-response/${EMAIL_ALERT}.js`, join(bin, `${EMAIL_ALERT}.js`));
  for (const [, node] of INTERPRETERS) {
    const words = [join(bin, `${EMAIL_ALERT}.js`), 'add', '-', '203.0.113.9'];
    const { stderr, exitCode } = await execa(node, words, { stdin: 'ignore', reject: false });
    assert.is(exitCode, 78);
    assert.match(stderr, 'there is nobody to tell');
  }
  await rm(home, { recursive: true });
});

test("ModSecurity's hook is one small file that bash begins, with the run bit", async () => {
  const { mode, size } = await stat('dist/modsec-exec.js');
  assert.is(mode & 0o111, 0o111);
  assert.ok(size < 4096, `${size} bytes`);
  assert.match(await readFile('dist/modsec-exec.js', 'utf8'), /^#!\/bin\/bash -p\n/);
});

test('the command carries the hook', () => {
  assert.match(filesOfDist('dist')['modsec-exec.js'] ?? '', 'node');
});

test.run();
