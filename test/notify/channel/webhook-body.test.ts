import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../base/errors.ts';
import { webhookBody } from '../../../notify/channel/webhook-body.ts';
import { type Notice, readNotice } from '../../../notify/message/notice.ts';
import { refuses, temporaryDirectory } from '../../active-response/support.ts';

const HOSTILE = '","admin":true,"x":"{{host}} {{alerts}} $& \u001b[2J';
const notice = (more: Record<string, unknown> = {}): Notice =>
  readNotice(
    { host: 'web', address: '203.0.113.7', ruleId: '117053', ruleLevel: 10, description: HOSTILE, ...more },
    '1',
  );
const MESSAGE = { subject: 'An alert', text: `${HOSTILE}\n` };

function templateOf(text: string): string {
  const file = join(temporaryDirectory(), 'body.json');
  writeFileSync(file, text);
  return file;
}
/** The body as a webhook service reads it. */
const bodyOf = (setting: string, notices = [notice()]) =>
  JSON.parse(JSON.stringify(webhookBody(setting)(MESSAGE, notices)));

test('has the values of a single alert by name, and null in their place for a digest', () => {
  const { alerts, ...one } = bodyOf('json');
  assert.is(alerts.length, 1);
  assert.equal(
    [one.address, one.rule, one.level, one.count, one.host],
    ['203.0.113.7', '117053', 10, 1, 'web'],
  );
  const digest = bodyOf('json', [notice(), notice({ address: '203.0.113.8' })]);
  assert.equal([digest.address, digest.rule, digest.count, digest.alerts.length], [null, null, 2, 2]);
});

test('limits the length of the text and of the list of alerts', () => {
  const long = webhookBody('json')({ subject: 's', text: 'x'.repeat(100_000) }, Array(5000).fill(notice()));
  const { text, alerts, count } = long as { text: string; alerts: unknown[]; count: number };
  assert.ok(text.length < 7000);
  assert.equal([alerts.length, count], [100, 5000]);
});

test('puts values only into the texts of a template, whatever an attacker wrote', () => {
  const body = bodyOf(templateOf('{"a":"<{{ description }}>","l":["{{level}}",1,null,true],"t":"{{text}}"}'));
  assert.equal(Object.keys(body), ['a', 'l', 't']);
  assert.equal(body.l, [10, 1, null, true]);
  assert.is(body.t, MESSAGE.text);
  assert.ok(body.a.startsWith('<","admin":true,"x":"{{host}} {{alerts}} $& '));
});

test('writes an absent value as an empty text, or as null when the placeholder is the whole text', () => {
  const none = [notice({ address: undefined })];
  assert.equal(bodyOf(templateOf('{"a":"[{{address}}]","b":"{{address}}"}'), none), { a: '[]', b: null });
});

test('refuses a template that is missing, is not JSON, or names an unknown value', () => {
  for (const [text, message] of [
    ['{', /is not JSON/],
    ['', /is not JSON/],
    ['{"a":"{{url}}"}', /names \{\{url\}\}; there are subject, /],
    ['{"a":"{{constructor}}"}', /names \{\{constructor\}\}/],
  ] as const)
    refuses(() => webhookBody(templateOf(text)), EX.CONFIG, message);
  refuses(
    () => webhookBody('/nowhere/x.json'),
    EX.CONFIG,
    /MAIL_WEBHOOK_BODY: \/nowhere\/x\.json does not exist/,
  );
});

test.run();
