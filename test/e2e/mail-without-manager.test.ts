import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { MailScene, until } from '../lab/mail-scene.ts';
import { bodyOf } from '../lab/mail-server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

// The scene blocks in Apache's file in its own home, not in the kernel.
const APACHE = ['--response', 'apache-deny'];

const test = labSuite('mail without a manager');

let scene: MailScene;
let log: string;
test.before.each(async () => {
  scene = await MailScene.create();
  log = join(scene.at.home, 'access.log');
  await scene.at.write('access.log', '');
});
test.after.each(() => scene.remove());

function scanner(address: string): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date().toUTCString()) ?? [];
  const time = `[${day}/${month}/${year}:${clock} +0000]`;
  return `${address} - - ${time} "GET /user/soapCaller.bs HTTP/1.1" 404 321 "-" "Morfeus Fucking Scanner"\n`;
}

test('riposte scan sends the blocked address, the end of the block, and the command to undo it', async () => {
  await appendFile(log, scanner('198.51.100.7'));
  const { status, err } = await scene.riposte('scan', ...APACHE, log);
  assert.is(status, 0, err);
  const [mail] = await scene.mails(1);
  const body = bodyOf(mail ?? { text: '' });
  assert.match(body, 'Address:  198.51.100.7');
  assert.match(body, /apache-deny blocks the address until .* \(offence 1, by map\)/);
  assert.match(body, 'riposte unblock 198.51.100.7');
  assert.match(body, 'Morfeus Fucking Scanner');
});

test('riposte scan sends nothing with --simulate, below MAIL_LEVEL, or without MAIL_TO', async () => {
  await appendFile(log, scanner('198.51.100.7'));
  await scene.riposte('scan', ...APACHE, '--simulate', log);
  await scene.settings('MAIL_LEVEL=16');
  await scene.riposte('scan', ...APACHE, log);
  await scene.settings('MAIL_TO=');
  await appendFile(log, scanner('198.51.100.8'));
  await scene.riposte('scan', ...APACHE, log);
  assert.equal(await scene.spool(), {});
  assert.is(scene.server.tries, 0);
});

test('riposte serve sends mail, and blocks on time even when the mail server hangs', async () => {
  scene.server.moods = [{ slow: 600_000 }];
  const args = ['dist/riposte.js', 'serve', ...APACHE, '--home', scene.at.home, log];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH } });
  const hasEnded = new Promise((resolve) => server.once('exit', resolve));
  let said = '';
  server.stdout.on('data', (chunk) => (said += chunk));
  try {
    await until(() => said.includes('reads '), 'the server');
    await appendFile(log, scanner('198.51.100.7'));
    await until(() => scene.server.mails.length === 1, 'the first mail');
    await appendFile(log, scanner('198.51.100.8'));
    await until(() => /198\.51\.100\.8: blocked/.test(said), 'the second block');
    assert.match(bodyOf(scene.server.mails[0] ?? { text: '' }), 'riposte unblock 198.51.100.7');
    await until(async () => (await scene.spool()).new === 1, 'the second message');
    assert.equal(await scene.spool(), { new: 1, mail: 1 });
  } finally {
    server.kill('SIGTERM');
    await hasEnded;
  }
  // The sender is a separate process, which still waits for the mail server.
  const [pid] = (await scene.at.read('var/riposte/spool/lock')).split(' ');
  process.kill(Number(pid), 'SIGKILL');
  await until(
    async () => (await scene.riposte('mail', '--send')).out.includes('198.51.100.8: sent'),
    'the second message to be sent',
  );
  assert.is(scene.server.mails.length, 3); // the first message twice, and the second message
});

test.run();
