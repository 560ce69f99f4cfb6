import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { ADMIN, MailScene, until } from '../lab/mail-scene.ts';
import { bodyOf, headerOf, newCertificate } from '../lab/mail-server.ts';
import { labSuite } from '../lab/suite.ts';
import { missing } from '../lab/tools.ts';

const test = labSuite('mails through servers of every kind', 'openssl');

let scene: MailScene;
test.after.each(() => scene.remove());

test('a server that drops the connection in the middle of DATA gets the message once, at the next sweep', async () => {
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

test('where the answer is lost the message comes again by the same Message-ID: the one window of SMTP', async () => {
  scene = await MailScene.create();
  scene.server.moods = ['drops before it answers'];
  await scene.alert();
  await scene.mails(1);
  await scene.alert('1795166136.17'); // does not become a digest with what the server may have
  await scene.riposte('sweep');
  const ids = (await scene.mails(3)).map((mail) => headerOf(mail, 'Message-ID'));
  assert.is(ids[0], ids[1]);
  assert.is.not(ids[1], ids[2]);
  assert.equal(await scene.spool(), {});
});

test('after a 4xx it waits, and says why; the next sweep sends it', async () => {
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

test('a 4xx for one of two recipients: the other has it, and gets it once', async () => {
  scene = await MailScene.create([`MAIL_TO=${ADMIN},late@example.org`]);
  scene.server.refusals.set('late@example.org', '450 4.2.0 greylisted');
  await scene.alert();
  await scene.mails(1);
  const { status, err } = await scene.riposte('sweep');
  assert.is(status, 75);
  assert.match(err, 'late@example.org: Recipient command failed: 450 4.2.0 greylisted; will be tried again');
  scene.server.refusals.clear();
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.equal(
    scene.server.mails.map(({ to }) => to),
    [[ADMIN], ['late@example.org']],
  );
});

test('a 5xx is not tried again: it is kept with the reason, and sent when somebody asks for it', async () => {
  scene = await MailScene.create();
  scene.server.refusals.set(ADMIN, '550 5.1.1 no such user');
  await scene.alert();
  await until(async () => (await scene.spool()).failed === 1, 'the refusal');
  await scene.rest();
  assert.match(
    (await scene.at.journal()).at(-1)?.reason as string,
    'root@example.org refuses it: Recipient command failed: 550 5.1.1 no such user; it is kept',
  );
  assert.not.match((await scene.riposte('sweep')).out, 'email-alert');
  assert.match((await scene.riposte('mail')).out, /FAILED .*550 5\.1\.1 no such user/);
  assert.match((await scene.riposte('doctor', '--skip-test')).out, '1 messages were refused for good');
  scene.server.refusals.clear();
  const { status, out } = await scene.riposte('mail', '--retry');
  assert.is(status, 0);
  assert.match(out, 'sent: to root@example.org');
  assert.is(scene.server.mails.length, 1);
  assert.equal(await scene.spool(), {});
});

test('a 5xx at the end of DATA is kept, too', async () => {
  scene = await MailScene.create();
  scene.server.moods = [{ answer: '554 5.7.1 looks like spam' }];
  await scene.alert();
  await until(async () => (await scene.spool()).failed === 1, 'the refusal');
  await scene.rest();
  assert.match((await scene.riposte('mail')).out, '554 5.7.1 looks like spam');
});

test('a server that is down: nobody waits, nothing is lost, and all goes out when it is back', async () => {
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
      `3 messages wait for smtp://${where}: connect ECONNREFUSED ${where}; will be tried again`,
    );
    const { out } = await scene.riposte('doctor', '--skip-test');
    assert.match(out, 'nothing could be sent since');
  });
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.is(scene.server.mails.length, 3);
  assert.equal(await scene.spool(), {});
});

test('a slow server holds up no response, and gets the message once', async () => {
  scene = await MailScene.create();
  scene.server.moods = [{ slow: 7000 }];
  assert.is((await scene.alert()).exitCode, 0);
  assert.equal(await scene.events(), ['spooled']); // it has ended, and the server has not yet answered
  await until(async () => (await scene.events()).includes('sent'), 'the answer');
  assert.not.match((await scene.riposte('sweep')).out, 'email-alert');
  assert.is(scene.server.mails.length, 1);
});

test('a sender that is killed in the middle leaves the message, and the next one sends it', async () => {
  scene = await MailScene.create();
  scene.server.moods = [{ slow: 600_000 }];
  await scene.alert();
  await until(() => scene.server.mails.length === 1, 'the message');
  const [pid] = (await scene.at.read('var/riposte/spool/lock')).split(' ');
  assert.ok(Number(pid) > 0);
  process.kill(Number(pid), 'SIGKILL');
  await until(() => !isAlive(Number(pid)), 'its end');
  const { status } = await scene.riposte('sweep');
  assert.is(status, 0);
  const ids = scene.server.mails.map((mail) => headerOf(mail, 'Message-ID'));
  assert.is(ids.length, 2);
  assert.is(ids[0], ids[1]);
  assert.equal(await scene.spool(), {});
});

test('whenever senders are killed, each alert is told, and what comes twice has one Message-ID', async () => {
  scene = await MailScene.create(['MAIL_RATE=1000/1h']);
  const ids = Array.from({ length: 8 }, (_, n) => `1795166136.${n}`);
  await scene.restartServer(async () => {
    for (const id of ids) await scene.alert(id);
    await scene.rest();
  });
  // Any instant will do: a different one each time.
  for (const wait of [60, 110, 140, 170, 200, 230]) {
    const [program, ...args] = scene.at.command('email-alert', ['--sweep']);
    const sender = execa(program, args, { stdin: 'ignore', reject: false });
    await new Promise((resolve) => setTimeout(resolve, wait));
    sender.kill('SIGKILL');
    await sender;
  }
  assert.is((await scene.riposte('mail', '--send')).status, 0);
  const told = new Map(
    scene.server.mails.map((mail) => [headerOf(mail, 'Message-ID'), /Alert: +(\S+)/.exec(bodyOf(mail))?.[1]]),
  );
  assert.equal([...told.values()].sort(), [...ids].sort());
  assert.equal(await scene.spool(), {});
});

test('many alerts and many sweeps at once: each alert is told once', async () => {
  scene = await MailScene.create(['MAIL_RATE=1000/1h']);
  const ids = Array.from({ length: 12 }, (_, n) => `1795166136.${n}`);
  await Promise.all([...ids.map((id) => scene.alert(id)), scene.riposte('sweep'), scene.riposte('sweep')]);
  const mails = await scene.mails(12);
  const told = mails.map((mail) => /Alert: +(\S+)/.exec(bodyOf(mail))?.[1]);
  assert.equal(told.sort(), [...ids].sort());
  assert.equal(await scene.spool(), {});
});

test('above the rate there is one digest of all others', async () => {
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
  // No message is left: what comes now waits.
  await scene.alert('1795166136.99');
  await until(async () => (await scene.spool()).mail === 1, 'it to wait');
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.is(mails.length, 3);
});

test('STARTTLS, a certificate that MAIL_CA names, and a password', async () => {
  const { key, cert, file } = newCertificate();
  const login = { user: 'riposte', password: 'geheim "#' };
  scene = await MailScene.create([`MAIL_CA=${file}`], { key, cert, login });
  await scene.at.write('etc/riposte.mail', `USER=riposte\nPASSWORD='${login.password}'\n`);
  const refused = await scene.riposte('mail', '--test');
  assert.is(refused.status, 78);
  assert.match(refused.err, 'etc/riposte.mail can be read by others than root: chmod 600');
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
  assert.match(doctor, /ok +mail server +127\.0\.0\.1:\d+ answers, encrypted, and lets us in/);
  for (const text of [out, doctor, JSON.stringify(await scene.at.journal())])
    assert.not.match(text, 'geheim');
});

test('a wrong password loses nothing: it waits, and the reason is told', async () => {
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

test('TLS from the first byte', async () => {
  const { key, cert, file } = newCertificate();
  scene = await MailScene.create([], { key, cert, secure: true });
  await scene.settings(`MAIL_CA=${file}`, `MAIL_SERVER=${scene.server.url('smtps')}`);
  assert.is((await scene.riposte('mail', '--test')).status, 0);
  assert.ok(scene.server.mails[0]?.isEncrypted);
});

test('a certificate of somebody else’s gets no message', async () => {
  const { key, cert } = newCertificate();
  scene = await MailScene.create([`MAIL_CA=${newCertificate().file}`], { key, cert });
  const { status, err } = await scene.riposte('mail', '--test');
  assert.is(status, 69);
  assert.match(err, /not sent by smtp:\S+: .*certificate/);
  assert.is(scene.server.tries, 0);
});

test('a server without STARTTLS gets no message where encryption is demanded', async () => {
  scene = await MailScene.create([`MAIL_CA=${newCertificate().file}`]);
  const { status, err } = await scene.riposte('mail', '--test');
  assert.is(status, 69);
  assert.match(err, /STARTTLS/i);
  assert.is(scene.server.tries, 0);
});

test('a program like sendmail takes it', async () => {
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
  assert.match(bodyOf(mail ?? { text: '' }), 'apache-deny blocks it until');
  await scene.server.close();
  const { status, err } = await scene.riposte('mail', '--test');
  assert.is(status, 69);
  assert.match(err, /\/usr\/bin\/msmtp ended with status 7\d: .*refused/);
});

test('nobody to tell is said, and so is a wrong line about mail; nothing is lost then', async () => {
  scene = await MailScene.create(['MAIL_TO=']);
  const { exitCode, stderr } = await scene.alert();
  assert.is(exitCode, 78);
  assert.match(stderr, 'there is nobody to tell: set MAIL_TO in ');
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

/** A process that has ended and that nobody has asked about is still there, as a zombie. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.run();
