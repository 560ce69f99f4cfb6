import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../base/errors.ts';
import { readCredentials } from '../../../notify/channel/credentials.ts';
import { errorOf, refuses, temporaryDirectory } from '../../active-response/support.ts';

function fileWith(text: string, mode = 0o600): string {
  const file = join(temporaryDirectory(), 'riposte.mail');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const WHOLE =
  '# ours\nUSER=riposte@example.org\nPASSWORD="p # w"\nWEBHOOK_URL=https://hooks.example.org/T0/secret\n';

test('reads the credentials from a file that only root can read', () => {
  assert.equal(readCredentials(fileWith(WHOLE)), {
    user: 'riposte@example.org',
    password: 'p # w',
    webhookUrl: 'https://hooks.example.org/T0/secret',
  });
});

test('returns no credentials when the file is missing or empty', () => {
  assert.equal(readCredentials(join(temporaryDirectory(), 'none')), {});
  assert.equal(readCredentials(fileWith('#USER=\n')).user, undefined);
});

for (const mode of [0o640, 0o604, 0o660, 0o602, 0o610])
  test(`refuses a file of mode ${mode.toString(8)}`, () => {
    refuses(
      () => readCredentials(fileWith(WHOLE, mode)),
      EX.CONFIG,
      /can be read by accounts other than root: run chmod 600 \//,
    );
  });

test('refuses a file that another account owns', () => {
  if (process.getuid?.() !== 0) return;
  const file = fileWith(WHOLE);
  chownSync(file, 1234, 0);
  refuses(() => readCredentials(file), EX.CONFIG, /belongs to user 1234: run chown root/);
});

test('refuses a directory', () => {
  const directory = join(temporaryDirectory(), 'd');
  mkdirSync(directory, { mode: 0o700 });
  refuses(() => readCredentials(directory), EX.CONFIG, /is not a regular file/);
});

test('reports a wrong line without showing its value', () => {
  for (const [text, message] of [
    ['PASSWORT=geheim\n', /unknown key PASSWORT; the known keys are USER, PASSWORD, WEBHOOK_URL/],
    ['USER=geheim\n', /a USER and no PASSWORD/],
    ['PASSWORD=geheim\n', /a PASSWORD and no USER/],
    ['WEBHOOK_URL=http://hooks.example.org/geheim\n', /WEBHOOK_URL that is not an https/],
    ['WEBHOOK_URL=geheim\n', /WEBHOOK_URL that is not an https/],
  ] as const) {
    const error = errorOf(() => readCredentials(fileWith(text)));
    assert.match(error.message, message);
    assert.not.match(error.message, 'geheim');
  }
});

test.run();
