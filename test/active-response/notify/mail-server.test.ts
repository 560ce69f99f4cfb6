import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mailServerOf } from '../../../active-response/notify/mail-server.ts';
import { optionsFor } from '../../../active-response/notify/smtp.ts';
import { mailAddresses, mailServer, rate } from '../../../active-response/settings/values.ts';

/** What nodemailer is told for a MAIL_SERVER. */
function told(text: string, ca?: string) {
  const server = mailServerOf(text, ca !== undefined);
  if (server.kind !== 'smtp') throw new Error(`${text} is no server`);
  const { host, port, secure, requireTLS, ignoreTLS, tls } = optionsFor(server, ca);
  return { host, port, secure, requireTLS, ignoreTLS, verifies: tls.rejectUnauthorized };
}

test('elsewhere encryption is demanded, and the certificate checked', () => {
  const elsewhere = { host: 'mail.example.org', ignoreTLS: false, verifies: true };
  assert.equal(told('smtp://mail.example.org'), { ...elsewhere, port: 587, secure: false, requireTLS: true });
  assert.equal(told('smtp://mail.example.org:25'), {
    ...elsewhere,
    port: 25,
    secure: false,
    requireTLS: true,
  });
  assert.equal(told('SMTPS://Mail.Example.org'), {
    ...elsewhere,
    port: 465,
    secure: true,
    requireTLS: false,
  });
});

test('only who says so gets no encryption', () => {
  const { secure, requireTLS, ignoreTLS, port } = told('smtp+plain://mail.example.org');
  assert.equal([secure, requireTLS, ignoreTLS, port], [false, false, true, 25]);
});

test('on this host encryption is taken where it is offered, unless a certificate is named', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    const { requireTLS, verifies, port } = told(`smtp://${host}`);
    assert.equal([requireTLS, verifies, port], [false, false, 25]);
  }
  const { requireTLS, verifies } = told('smtp://localhost', 'PEM');
  assert.equal([requireTLS, verifies], [true, true]);
});

test('a host that only begins like this one is elsewhere', () => {
  for (const host of ['localhost.example.org', '127.0.0.1.example.org'])
    assert.is(told(`smtp://${host}`).requireTLS, true, host);
});

test('what is no server is refused', () => {
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

test('addresses that a program would take for an option, or that hold a header, are refused', () => {
  assert.equal(mailAddresses('root, ops+web@example.org'), ['root', 'ops+web@example.org']);
  for (const text of ['-oQ/tmp', 'a@b\nBcc: c@d', 'A <a@b>', 'a@b;c@d', 'a b@c', 'a@-x', 'a@', ','])
    assert.is(mailAddresses(text), undefined, text);
});

test('a rate is a number in a time', () => {
  assert.equal(rate('10/1h'), { count: 10, seconds: 3600 });
  for (const text of ['10', '0/1h', '10/', '10/h', '10/0s', '1.5/1h', '-1/1h'])
    assert.is(rate(text), undefined, text);
});

test.run();
