import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { originOf } from '../../cli/origin.ts';

test('distinguishes ModSecurity, systemd, cron and a terminal', () => {
  assert.is(originOf({ UNIQUE_ID: 'Zz@8', REMOTE_ADDR: '203.0.113.9' }, false, ['apache2']), 'ModSecurity');
  assert.is(originOf({ INVOCATION_ID: '0'.repeat(32) }, false, ['systemd']), 'systemd');
  assert.is(originOf({ TERM: 'xterm' }, true, ['bash', 'sshd']), 'a terminal');
  assert.is(originOf({}, false, ['sh', 'cron', 'cron']), 'cron');
  assert.is(originOf({}, false, ['make']), 'another program');
});

test('distinguishes cron from systemd when systemd has started cron', () => {
  assert.is(originOf({ INVOCATION_ID: '0'.repeat(32) }, false, ['sh', 'crond', 'systemd']), 'cron');
});

test('finds the terminal in an ssh session that systemd has started', () => {
  assert.is(originOf({ INVOCATION_ID: '0'.repeat(32) }, true, ['bash', 'sshd']), 'a terminal');
});

test.run();
