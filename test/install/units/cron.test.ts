import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cronAdvice, cronState, cronStateOf } from '../../../install/units/cron.ts';
import { temporaryDirectory } from '../../active-response/support.ts';

test('distinguishes a running, a stopped and a missing cron', () => {
  const root = temporaryDirectory();
  assert.is(cronStateOf(root, ['init', 'crond']), 'runs');
  assert.is(cronStateOf(root, ['init', 'cronic']), 'missing');
  mkdirSync(join(root, 'usr/sbin'), { recursive: true });
  writeFileSync(join(root, 'usr/sbin/cron'), '');
  assert.is(cronStateOf(root, ['init']), 'stopped');
  assert.is(cronState(root), 'unknown', 'the processes of another host cannot be seen');
});

test('gives advice when cron is stopped or missing', () => {
  assert.match(cronAdvice('missing'), 'apt-get install cron');
  assert.match(cronAdvice('stopped'), 'start cron');
});

test.run();
