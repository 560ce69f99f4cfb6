import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../engine/engine.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';

// The OSSEC server sends this mail itself, without email-alert.js.

const fragment = readFileSync('ossec.conf.d/email.xml', 'utf8');
const mailLevel = Number(/<email_alert_level>(\d+)</.exec(fragment)?.[1]);
const ruleset = loadRuleset(builtInSources('ossec', false));

/** True if the manager mails the rule's alert: its level is high enough, or the rule asks for mail. */
const isMailed = (rule: { level: number; mailsAlert: boolean } | undefined): boolean =>
  rule !== undefined && (rule.level >= mailLevel || rule.mailsAlert);

test('the fragment turns mail on, and names recipient and server', () => {
  for (const element of ['email_notification', 'email_to', 'smtp_server', 'email_from', 'email_alert_level'])
    assert.match(fragment, `<${element}>`);
  assert.not.match(fragment, 'email-alert.js');
});

test('mails a burst of 404s, stock rule 31151', () => {
  assert.ok(isMailed(ruleset.rules.byId.get(31151)));
});

test('mails the alert about a block, even when its level is below the mail level', () => {
  const engine = new Engine(ruleset, { counting: 'shared', host: 'here' });
  const line =
    'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/route-null.js add - 203.0.113.77 1795166986.1 31151 blocked: until deleted, offence 1, by route';
  const { rule } = engine.judge(line, 1000);
  assert.is(rule?.id, 117001);
  assert.ok((rule?.level ?? 16) < mailLevel);
  assert.ok(isMailed(rule));
});

test('raises no alert for the lines of email-alert, because mail about mail would never end', () => {
  const engine = new Engine(ruleset, { counting: 'shared', host: 'here' });
  for (const word of ['spooled', 'sent']) {
    const line = `Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/email-alert.js add - 203.0.113.77 1795166986.1 31151 ${word}: for root@example.org`;
    assert.not.ok(engine.judge(line, 1000).isAlert, word);
  }
});

test.run();
