import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FirewallPolicy } from '../../../active-response/backend/firewall-policy.ts';
import { parsePf, planManyPf, planPf } from '../../../active-response/backend/pf.ts';
import { parseTarget } from '../../../base/address.ts';
import { EX } from '../../../base/errors.ts';
import { refuses } from '../support.ts';

const DROP: FirewallPolicy = { action: 'drop', ports: [] };
const change = (address: string, verb: 'block' | 'unblock' = 'block') => ({
  verb,
  known: false,
  address: parseTarget(address),
});
const lines = (...of: Parameters<typeof change>) =>
  planPf(change(...of), DROP).map(({ commands }) =>
    commands.map(({ program, args }) => [program, ...args].join(' ')),
  );

test('adds the address to the table, and kills its open states at a block', () => {
  assert.equal(lines('203.0.113.9'), [['pfctl -q -t riposte -T add 203.0.113.9', 'pfctl -q -k 203.0.113.9']]);
  assert.equal(lines('2001:db8::9'), [['pfctl -q -t riposte -T add 2001:db8::9', 'pfctl -q -k 2001:db8::9']]);
  assert.equal(lines('198.51.100.9/24'), [
    ['pfctl -q -t riposte -T add 198.51.100.0/24', 'pfctl -q -k 198.51.100.0/24'],
  ]);
});

test('deletes the address for an unblock, and tolerates a missing table', () => {
  assert.equal(lines('203.0.113.9', 'unblock'), [['pfctl -q -t riposte -T delete 203.0.113.9']]);
  const [attempt] = planPf(change('203.0.113.9', 'unblock'), DROP);
  assert.ok(attempt?.commands[0]?.tolerate?.test('pfctl: Table does not exist.'));
  assert.not(attempt?.commands[0]?.tolerate?.test('pfctl: /dev/pf: Permission denied'));
});

test('refuses the reject action and ports, which belong in pf.conf', () => {
  for (const policy of [
    { action: 'reject', ports: [] },
    { action: 'drop', ports: ['80'] },
  ] as const)
    refuses(
      () => planPf(change('203.0.113.9'), policy),
      EX.CONFIG,
      /^pf takes ports and rejecting from pf\.conf; unset/,
    );
});

test('parses a listing with one indented entry in each line', () => {
  assert.equal(parsePf('   203.0.113.9\n   198.51.100.0/24\n   2001:db8::9\n'), [
    '203.0.113.9',
    '198.51.100.0/24',
    '2001:db8::9',
  ]);
  assert.equal(parsePf(''), []);
});

test('makes many changes in one run for the adds and one for the deletes, and kills the states of each blocked address', () => {
  const changes = ['203.0.113.9', '2001:db8::9', '203.0.113.10'].map((text, index) => ({
    verb: index === 2 ? ('unblock' as const) : ('block' as const),
    address: parseTarget(text),
    known: true,
  }));
  const commands = planManyPf(changes, { action: 'drop', ports: [] });
  assert.equal(
    commands.map(({ args, input = '' }) => `${args.join(' ')} < ${input.trim().replaceAll('\n', ' ')}`),
    [
      '-q -t riposte -T add -f - < 203.0.113.9 2001:db8::9',
      '-q -t riposte -T delete -f - < 203.0.113.10',
      '-q -k 203.0.113.9 < ',
      '-q -k 2001:db8::9 < ',
    ],
  );
});

test.run();
