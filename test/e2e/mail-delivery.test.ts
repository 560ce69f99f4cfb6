import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { ADMIN, MailScene, until } from '../lab/mail-scene.ts';
import { bodyOf, headerOf, newCertificate } from '../lab/mail-server.ts';
import { hasEnded } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';
import { missing } from '../lab/tools.ts';
import { leftToAll } from '../runner/share.ts';

const test = labSuite('mail through servers of every kind', 'openssl');
const inAll = leftToAll(test);

let scene: MailScene;
test.after.each(() => scene.remove());

test('sends a message once, at the next sweep, when the server drops the connection during DATA', async () => {
  scene = await MailScene.create();
  scene.server.moods = ['drops in the middle'];
  await scene.alert();
  await until(() => scene.server.tries === 1, 'the first try');
  await scene.rest();
  assert.equal(await scene.spool(), { mail: 1 });
  const { status, out } = await scene.riposte('sweep');
  assert.is(status, 0);
  assert.match(out, 'email-alert: 203.0.113.9: sent: to root@example.org: 250');
  assert.is(scene.server.mails.length, 1);
  assert.equal(await scene.spool(), {});
});

inAll('sends a message again, with the same Message-ID, when the server’s answer is lost', async () => {
  scene = await MailScene.create();
  scene.server.moods = ['drops before it answers'];
  await scene.alert();
  await scene.mails(1);
  await scene.alert('1795166136.17'); // the digest must not include the first message, because the server may have it
  await scene.riposte('sweep');
  const ids = (await scene.mails(3)).map((mail) => headerOf(mail, 'Message-ID'));
  assert.is(ids[0], ids[1]);
  assert.is.not(ids[1], ids[2]);
  assert.equal(await scene.spool(), {});
});

test('keeps a message after a 4xx, reports the reason, and sends it at the next sweep', async () => {
  scene = await MailScene.create();
  scene.server.moods = [{ answer: '451 4.3.0 come again' }];
  await scene.alert();
  await until(() => scene.server.tries === 1, 'the first try');
  await scene.rest();
  const { out } = await scene.riposte('mail');
  assert.match(
    out,
    /mail +\d{4}-\S+ \S+ UTC +1 +203\.0\.113\.9 +31151 +root@example\.org: Message failed: 451 4\.3\.0 come again/,
  );
  assert.equal((await scene.events()).at(-1), 'spooled');
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.is(scene.server.mails.length, 1);
});

inAll('sends to one recipient only once when the server answers 4xx for another recipient', async () => {
  scene = await MailScene.create([`MAIL_TO=${ADMIN},late@example.org`]);
  scene.server.refusals.set('late@example.org', '450 4.2.0 greylisted');
  await scene.alert();
  await scene.mails(1);
  const { status, err } = await scene.riposte('sweep');
  assert.is(status, 75);
  assert.match(
    err,
    'late@example.org: Recipient command failed: 450 4.2.0 greylisted; Riposte will try again',
  );
  scene.server.refusals.clear();
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.equal(
    scene.server.mails.map(({ to }) => to),
    [[ADMIN], ['late@example.org']],
  );
});

test('keeps a message with the reason after a 5xx, and sends it again only on request', async () => {
  scene = await MailScene.create();
  scene.server.refusals.set(ADMIN, '550 5.1.1 no such user');
  await scene.alert();
  await until(async () => (await scene.spool()).failed === 1, 'the refusal');
  await scene.rest();
  assert.match(
    (await scene.at.journal()).at(-1)?.reason as string,
    'root@example.org refuses the message: Recipient command failed: 550 5.1.1 no such user; Riposte keeps the message',
  );
  assert.not.match((await scene.riposte('sweep')).out, 'email-alert');
  assert.match((await scene.riposte('mail')).out, /FAILED .*550 5\.1\.1 no such user/);
  assert.match((await scene.riposte('doctor', '--skip-test')).out, 'a server refused 1 message for good');
  scene.server.refusals.clear();
  const { status, out } = await scene.riposte('mail', '--retry');
  assert.is(status, 0);
  assert.match(out, 'sent: to root@example.org');
  assert.is(scene.server.mails.length, 1);
  assert.equal(await scene.spool(), {});
});

inAll('keeps a message after a 5xx at the end of DATA', async () => {
  scene = await MailScene.create();
  scene.server.moods = [{ answer: '554 5.7.1 looks like spam' }];
  await scene.alert();
  await until(async () => (await scene.spool()).failed === 1, 'the refusal');
  await scene.rest();
  assert.match((await scene.riposte('mail')).out, '554 5.7.1 looks like spam');
});

test('delays no response when the server is down, and sends all messages when the server is back', async () => {
  scene = await MailScene.create();
  const { port } = scene.server;
  await scene.restartServer(async () => {
    for (const n of [1, 2, 3]) assert.is((await scene.alert(`1795166136.${n}`)).exitCode, 0);
    await until(async () => Object.hasOwn(await scene.spool(), 'mail'), 'a try');
    await scene.rest();
    const { status, err } = await scene.riposte('sweep');
    assert.is(status, 75);
    const where = `127.0.0.1:${port}`;
    assert.match(
      err,
      `3 messages wait for smtp://${where}: connect ECONNREFUSED ${where}; Riposte will try again`,
    );
    const { out } = await scene.riposte('doctor', '--skip-test');
    assert.match(out, 'Riposte could send no message since');
  });
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.is(scene.server.mails.length, 3);
  assert.equal(await scene.spool(), {});
});

inAll('delays no response when the server is slow, and sends the message once', async () => {
  scene = await MailScene.create();
  scene.server.moods = [{ slow: 7000 }];
  assert.is((await scene.alert()).exitCode, 0);
  assert.equal(await scene.events(), ['spooled']); // the response has ended, but the server has not answered yet
  await until(async () => (await scene.events()).includes('sent'), 'the answer');
  assert.not.match((await scene.riposte('sweep')).out, 'email-alert');
  assert.is(scene.server.mails.length, 1);
});

test('leaves the message to the next sender when a sender is killed', async () => {
  scene = await MailScene.create();
  scene.server.moods = [{ slow: 600_000 }];
  await scene.alert();
  await until(() => scene.server.mails.length === 1, 'the message');
  const [pid] = (await scene.at.read('var/riposte/spool/lock')).split(' ');
  assert.ok(Number(pid) > 0);
  process.kill(Number(pid), 'SIGKILL');
  await until(() => hasEnded(Number(pid)), 'the end of the sender');
  const { status } = await scene.riposte('sweep');
  assert.is(status, 0);
  const ids = scene.server.mails.map((mail) => headerOf(mail, 'Message-ID'));
  assert.is(ids.length, 2);
  assert.is(ids[0], ids[1]);
  assert.equal(await scene.spool(), {});
});

inAll(
  'sends each alert although senders are killed many times, and repeats a message only with the same Message-ID',
  async () => {
    scene = await MailScene.create(['MAIL_RATE=1000/1h']);
    const ids = Array.from({ length: 8 }, (_, n) => `1795166136.${n}`);
    await scene.restartServer(async () => {
      for (const id of ids) await scene.alert(id);
      await scene.rest();
    });
    // Kill each sender at a different moment.
    for (const wait of [60, 110, 140, 170, 200, 230]) {
      const [program, ...args] = scene.at.command('email-alert', ['--sweep']);
      const sender = execa(program, args, { stdin: 'ignore', reject: false });
      await new Promise((resolve) => setTimeout(resolve, wait));
      sender.kill('SIGKILL');
      await sender;
    }
    assert.is((await scene.riposte('mail', '--send')).status, 0);
    const told = new Map(
      scene.server.mails.map((mail) => [
        headerOf(mail, 'Message-ID'),
        /Alert: +(\S+)/.exec(bodyOf(mail))?.[1],
      ]),
    );
    assert.equal([...told.values()].sort(), [...ids].sort());
    assert.equal(await scene.spool(), {});
  },
);

inAll('sends each alert once when many alerts and sweeps run at once', async () => {
  scene = await MailScene.create(['MAIL_RATE=1000/1h']);
  const ids = Array.from({ length: 12 }, (_, n) => `1795166136.${n}`);
  await Promise.all([...ids.map((id) => scene.alert(id)), scene.riposte('sweep'), scene.riposte('sweep')]);
  const mails = await scene.mails(12);
  const told = mails.map((mail) => /Alert: +(\S+)/.exec(bodyOf(mail))?.[1]);
  assert.equal(told.sort(), [...ids].sort());
  assert.equal(await scene.spool(), {});
});

test('sends one digest of all alerts above the rate', async () => {
  scene = await MailScene.create(['MAIL_RATE=3/1h']);
  const addresses = ['203.0.113.9', '198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4'];
  await scene.restartServer(async () => {
    for (const [n, address] of addresses.entries()) {
      await scene.block(address);
      await scene.alert(`1795166136.${n}`, address);
    }
    await scene.rest();
  });
  await scene.riposte('sweep');
  const { mails, subjects } = scene.server;
  assert.is(mails.length, 3);
  assert.match(subjects[2] ?? '', '3 alerts about 3 addresses');
  const digest = bodyOf(mails[2] ?? { text: '' });
  for (const address of addresses.slice(2)) assert.match(digest, `riposte unblock ${address}`);
  // The rate allows no more messages, so further messages wait.
  await scene.alert('1795166136.99');
  await until(async () => (await scene.spool()).mail === 1, 'the message to wait');
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.is(mails.length, 3);
});

test('sends with STARTTLS, a certificate of MAIL_CA, and a password', async () => {
  const { key, cert, file } = newCertificate();
  const login = { user: 'riposte', password: 'geheim "#' };
  scene = await MailScene.create([`MAIL_CA=${file}`], { key, cert, login });
  await scene.at.write('etc/riposte.mail', `USER=riposte\nPASSWORD='${login.password}'\n`);
  const refused = await scene.riposte('mail', '--test');
  assert.is(refused.status, 78);
  assert.match(refused.err, 'etc/riposte.mail can be read by accounts other than root: run chmod 600');
  await secret(scene);
  const { status, out } = await scene.riposte('mail', '--test');
  assert.is(status, 0);
  assert.match(out, `root@example.org: sent by ${scene.server.url()}: 250`);
  await scene.alert();
  for (const mail of await scene.mails(2)) {
    assert.ok(mail.isEncrypted);
    assert.is(mail.user, 'riposte');
  }
  const { out: doctor } = await scene.riposte('doctor');
  assert.match(doctor, /ok +mail server +127\.0\.0\.1:\d+ answers with encryption, and accepts the login/);
  for (const text of [out, doctor, JSON.stringify(await scene.at.journal())])
    assert.not.match(text, 'geheim');
});

inAll('keeps the message and reports the reason when the password is wrong', async () => {
  const { key, cert, file } = newCertificate();
  scene = await MailScene.create([`MAIL_CA=${file}`], {
    key,
    cert,
    login: { user: 'riposte', password: 'right' },
  });
  await scene.at.write('etc/riposte.mail', 'USER=riposte\nPASSWORD=wrong\n');
  await secret(scene);
  await scene.alert();
  await until(async () => (await scene.spool()).mail === 1, 'a try');
  await scene.rest();
  const { status, err } = await scene.riposte('sweep');
  assert.is(status, 75);
  assert.match(err, '1 message waits');
  assert.match(err, 'Invalid login: 535');
  assert.match((await scene.riposte('doctor')).out, /PROBLEM +mail server .*Invalid login/);
  await scene.at.write('etc/riposte.mail', 'USER=riposte\nPASSWORD=right\n');
  await secret(scene);
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.is(scene.server.mails.length, 1);
});

inAll('sends over TLS from the first byte', async () => {
  const { key, cert, file } = newCertificate();
  scene = await MailScene.create([], { key, cert, secure: true });
  await scene.settings(`MAIL_CA=${file}`, `MAIL_SERVER=${scene.server.url('smtps')}`);
  assert.is((await scene.riposte('mail', '--test')).status, 0);
  assert.ok(scene.server.mails[0]?.isEncrypted);
});

test('sends no message to a server with a foreign certificate', async () => {
  const { key, cert } = newCertificate();
  scene = await MailScene.create([`MAIL_CA=${newCertificate().file}`], { key, cert });
  const { status, err } = await scene.riposte('mail', '--test');
  assert.is(status, 69);
  assert.match(err, /not sent by smtp:\S+: .*certificate/);
  assert.is(scene.server.tries, 0);
});

inAll('sends no message to a server without STARTTLS when encryption is required', async () => {
  scene = await MailScene.create([`MAIL_CA=${newCertificate().file}`]);
  const { status, err } = await scene.riposte('mail', '--test');
  assert.is(status, 69);
  assert.match(err, /STARTTLS/i);
  assert.is(scene.server.tries, 0);
});

inAll('sends through a program like sendmail', async () => {
  if (missing('msmtp').length > 0) {
    console.log('skipped: a program like sendmail: needs msmtp');
    scene = await MailScene.create();
    return;
  }
  scene = await MailScene.create();
  const msmtp = `/usr/bin/msmtp --host=127.0.0.1 --port=${scene.server.port}`;
  await scene.settings(`MAIL_SERVER=${msmtp}`);
  await scene.alert();
  const [mail] = await scene.mails(1);
  assert.equal(mail?.to, [ADMIN]);
  assert.is(mail?.from, 'riposte@example.org');
  assert.match(bodyOf(mail ?? { text: '' }), 'apache-deny blocks the address until');
  await scene.server.close();
  const { status, err } = await scene.riposte('mail', '--test');
  assert.is(status, 69);
  assert.match(err, /\/usr\/bin\/msmtp ended with status 7\d: .*refused/);
});

test('reports a missing recipient and a wrong mail setting, and loses no message', async () => {
  scene = await MailScene.create(['MAIL_TO=']);
  const { exitCode, stderr } = await scene.alert();
  assert.is(exitCode, 78);
  assert.match(stderr, 'no recipient of messages is set; set MAIL_TO in ');
  await scene.settings('MAIL_RATE=often');
  assert.is((await scene.alert()).exitCode, 0);
  const { status, err } = await scene.riposte('sweep');
  assert.is(status, 78);
  assert.match(err, "MAIL_RATE is 'often', but must be a number and a time such as 10/1h");
  await scene.settings();
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.is(scene.server.mails.length, 1);
});

async function secret({ at }: MailScene): Promise<void> {
  const { chmod } = await import('node:fs/promises');
  await chmod(`${at.home}/etc/riposte.mail`, 0o600);
}

test.run();
