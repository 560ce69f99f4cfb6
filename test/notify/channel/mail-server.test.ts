import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mailAddresses, mailServer, rate } from '../../../active-response/settings/values.ts';
import { mailServerOf } from '../../../notify/channel/mail-server.ts';
import { optionsFor } from '../../../notify/channel/smtp.ts';

/** The options that nodemailer gets for a MAIL_SERVER. */
function optionsOf(text: string, ca?: string) {
  const server = mailServerOf(text, ca !== undefined);
  if (server.kind !== 'smtp') throw new Error(`${text} is not a mail server`);
  const { host, port, secure, requireTLS, ignoreTLS, tls } = optionsFor(server, ca);
  return { host, port, secure, requireTLS, ignoreTLS, verifies: tls.rejectUnauthorized };
}

test('requires encryption and a valid certificate from a remote server', () => {
  const elsewhere = { host: 'mail.example.org', ignoreTLS: false, verifies: true };
  assert.equal(optionsOf('smtp://mail.example.org'), {
    ...elsewhere,
    port: 587,
    secure: false,
    requireTLS: true,
  });
  assert.equal(optionsOf('smtp://mail.example.org:25'), {
    ...elsewhere,
    port: 25,
    secure: false,
    requireTLS: true,
  });
  assert.equal(optionsOf('SMTPS://Mail.Example.org'), {
    ...elsewhere,
    port: 465,
    secure: true,
    requireTLS: false,
  });
});

test('sends without encryption only when the scheme is smtp+plain', () => {
  const { secure, requireTLS, ignoreTLS, port } = optionsOf('smtp+plain://mail.example.org');
  assert.equal([secure, requireTLS, ignoreTLS, port], [false, false, true, 25]);
});

test('uses encryption when a local server offers it, and requires encryption when MAIL_CA is set', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    const { requireTLS, verifies, port } = optionsOf(`smtp://${host}`);
    assert.equal([requireTLS, verifies, port], [false, false, 25]);
  }
  const { requireTLS, verifies } = optionsOf('smtp://localhost', 'PEM');
  assert.equal([requireTLS, verifies], [true, true]);
});

test('treats a host as remote when its name only begins with a local name', () => {
  for (const host of ['localhost.example.org', '127.0.0.1.example.org'])
    assert.is(optionsOf(`smtp://${host}`).requireTLS, true, host);
});

test('refuses a value that is not a server', () => {
  for (const text of [
    'mail.example.org',
    'http://x',
    'smtp://',
    'smtp://a b',
    'smtp://x:0',
    'smtp://u:p@x',
    'ssmtp',
  ])
    assert.is(mailServer(text), undefined, text);
  for (const text of ['sendmail', '/usr/bin/msmtp -C /etc/x', 'smtps://[2001:db8::1]:465/'])
    assert.is(mailServer(text), text);
});

test('refuses addresses that look like an option or contain a header', () => {
  assert.equal(mailAddresses('root, ops+web@example.org'), ['root', 'ops+web@example.org']);
  for (const text of ['-oQ/tmp', 'a@b\nBcc: c@d', 'A <a@b>', 'a@b;c@d', 'a b@c', 'a@-x', 'a@', ','])
    assert.is(mailAddresses(text), undefined, text);
});

test('reads a rate as a number of messages in a time', () => {
  assert.equal(rate('10/1h'), { count: 10, seconds: 3600 });
  for (const text of ['10', '0/1h', '10/', '10/h', '10/0s', '1.5/1h', '-1/1h'])
    assert.is(rate(text), undefined, text);
});

test.run();
