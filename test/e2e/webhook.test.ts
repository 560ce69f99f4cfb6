import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { MailScene, until } from '../lab/mail-scene.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('webhook');

interface Post {
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly body: { text: string } & Record<string, unknown>;
}

const NONE: Post['body'] = { text: '' };

let scene: MailScene;
let server: Server;
let posts: Post[];
/** The status codes of the next answers. Later answers have status 200. */
let statuses: number[];

test.before.each(async () => {
  posts = [];
  statuses = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const { 'content-type': type, 'idempotency-key': key } = request.headers;
      posts.push({ path: request.url, type, key: String(key), body: JSON.parse(text) });
      response.writeHead(statuses.shift() ?? 200, { location: 'http://127.0.0.1:1/' }).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  scene = await MailScene.create(['MAIL_TO=']);
  const { port } = server.address() as AddressInfo;
  await scene.at.write('etc/riposte.mail', `WEBHOOK_URL=http://127.0.0.1:${port}/services/T0/geheim\n`);
  await chmod(`${scene.at.home}/etc/riposte.mail`, 0o600);
});
test.after.each(async () => {
  await scene.remove();
  await new Promise((resolve) => server.close(resolve));
});

test('posts an alert as JSON with only a text, the form that Slack expects', async () => {
  assert.is((await scene.alert()).exitCode, 0);
  await until(() => posts.length === 1, 'the POST');
  await scene.rest();
  const [post] = posts;
  assert.is(post?.path, '/services/T0/geheim');
  assert.is(post?.type, 'application/json');
  assert.match(post?.body.text ?? '', 'riposte unblock 203.0.113.9');
  assert.equal(Object.keys(post?.body ?? {}), ['text']);
  assert.equal(await scene.spool(), {});
  // The URL is secret, because any client that knows the URL can post messages.
  for (const text of [await scene.at.read('var/riposte/events.jsonl'), ...(await scene.at.log())])
    assert.not.match(text, 'geheim');
});

test('posts the values of an alert by name, or in a template that an attacker’s text cannot change', async () => {
  await scene.settings('MAIL_TO=', 'MAIL_WEBHOOK_BODY=json');
  await scene.alert();
  await until(() => posts.length === 1, 'the POST');
  await scene.rest();
  const { address, count, alerts } = posts[0]?.body ?? NONE;
  assert.equal(
    [address, count, (alerts as { address: string }[])[0]?.address],
    ['203.0.113.9', 1, '203.0.113.9'],
  );
  const template = join(scene.at.home, 'etc/webhook.json');
  await writeFile(
    template,
    '{"content":"{{address}} on {{host}}","n":"{{count}}","deep":[{"a":"{{alerts}}"}]}',
  );
  await scene.settings('MAIL_TO=', `MAIL_WEBHOOK_BODY=${template}`);
  await scene.alert();
  await until(() => posts.length === 2, 'the second POST');
  await scene.rest();
  const { content, n, deep } = posts[1]?.body ?? NONE;
  assert.equal([content, n], [`203.0.113.9 on ${hostname()}`, 1]);
  assert.is((deep as [{ a: unknown[] }])[0].a.length, 1);
});

test('keeps the alert while the template is wrong, and names the mistake', async () => {
  const template = join(scene.at.home, 'etc/webhook.json');
  await scene.settings('MAIL_TO=', `MAIL_WEBHOOK_BODY=${template}`);
  for (const [text, why] of [
    [undefined, 'does not exist'],
    ['{"a":', 'is not JSON'],
    ['{"a":"{{password}}"}', 'names {{password}}; there are subject, text, host'],
  ] as const) {
    if (text !== undefined) await writeFile(template, text);
    const { status, err } = await scene.riposte('mail', '--test');
    assert.is(status, 78);
    assert.match(err, `MAIL_WEBHOOK_BODY: ${template} ${why}`);
  }
  await scene.alert();
  await scene.rest();
  assert.is(posts.length, 0);
  await writeFile(template, '{"a":"{{text}}"}');
  await scene.riposte('sweep');
  assert.is(posts.length, 1);
});

test('sends the mail only once when the webhook refuses, and then retries only the webhook', async () => {
  await scene.settings();
  statuses = [503];
  await scene.alert();
  await scene.mails(1);
  assert.equal(await scene.spool(), { webhook: 1 });
  const { status, out } = await scene.riposte('sweep');
  assert.is(status, 0);
  assert.match(out, 'sent: to 127.0.0.1:');
  assert.is(posts.length, 2);
  assert.is(posts[0]?.key, posts[1]?.key);
  assert.is(scene.server.mails.length, 1);
});

test('keeps messages while the URL is wrong, and follows no redirect', async () => {
  for (const answer of [404, 302]) {
    statuses = [answer, answer];
    await scene.alert();
    await until(() => posts.length > 0, 'the POST');
    await scene.rest();
    const { status, err } = await scene.riposte('sweep');
    assert.is(status, 75);
    assert.match(err, `answers HTTP ${answer}`);
    assert.not.match(err, 'geheim');
    await scene.riposte('sweep');
    assert.equal(await scene.spool(), {});
    posts = [];
  }
});

test('keeps a refused message, and does not send it again', async () => {
  statuses = [400];
  await scene.alert();
  await until(async () => (await scene.spool()).failed === 1, 'the refusal');
  await scene.rest();
  assert.not.match((await scene.riposte('sweep')).out, 'email-alert');
  assert.is(posts.length, 1);
});

test('posts with riposte mail --test, and prints the answer', async () => {
  const { status, out } = await scene.riposte('mail', '--test');
  assert.is(status, 0);
  assert.match(out, /^127\.0\.0\.1:\d+: sent by 127\.0\.0\.1:\d+: HTTP 200 ok$/);
});

test.run();
