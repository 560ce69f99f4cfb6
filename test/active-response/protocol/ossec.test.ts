import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCommandLine } from '../../../active-response/protocol/command-line.ts';
import { parseOssec } from '../../../active-response/protocol/ossec.ts';
import { targetOf } from '../../../active-response/protocol/target.ts';
import { parseTarget } from '../../../base/address.ts';
import { EX } from '../../../base/errors.ts';
import { refuses } from '../support.ts';

/** Parses execd's words as a script does: first as a command line, then as a request of OSSEC. */
const parse = (...words: string[]) => parseOssec(parseCommandLine(words).words);

const NO_ADDRESS = { address: '', lookedAt: ['the third argument (by hand: add - ADDRESS)'] };
const ABSENT = { user: undefined, alertId: undefined, ruleId: undefined, location: undefined };

for (const [title, words, expected] of [
  [
    'a server’s add',
    ['add', '-', '203.0.113.9', '1795166136.16', '31151', '/var/log/apache2/access.log', '-'],
    {
      command: 'add',
      address: '203.0.113.9',
      user: undefined,
      alertId: '1795166136.16',
      ruleId: '31151',
      location: '/var/log/apache2/access.log',
    },
  ],
  [
    'a server’s delete',
    ['delete', '-', '203.0.113.9', '1795166136.16', '31151', '/var/log/apache2/access.log', '-'],
    {
      command: 'delete',
      address: '203.0.113.9',
      user: undefined,
      alertId: '1795166136.16',
      ruleId: '31151',
      location: '/var/log/apache2/access.log',
    },
  ],
  [
    'an address and a user',
    ['add', 'bob', '198.51.100.7', '1795166266.17', '100501', '/var/log/x.log'],
    {
      command: 'add',
      address: '198.51.100.7',
      user: 'bob',
      alertId: '1795166266.17',
      ruleId: '100501',
      location: '/var/log/x.log',
    },
  ],
  [
    'user only',
    ['add', 'alice', '-', '1795166304.29', '100503', '/var/log/x.log'],
    {
      command: 'add',
      ...NO_ADDRESS,
      user: 'alice',
      alertId: '1795166304.29',
      ruleId: '100503',
      location: '/var/log/x.log',
    },
  ],
  [
    'an agent’s request, with the location in two words and glibc’s null',
    [
      'add',
      'bob',
      '198.51.100.57',
      '1795166388.33',
      '100501',
      '(lab-agent)',
      '10.99.77.2->/var/log/x.log',
      '(null)',
    ],
    {
      command: 'add',
      address: '198.51.100.57',
      user: 'bob',
      alertId: '1795166388.33',
      ruleId: '100501',
      location: '(lab-agent) 10.99.77.2->/var/log/x.log',
    },
  ],
  [
    'agent_control -b',
    ['add', '-', '203.0.113.44', '(from_the_server)', '(no_rule_id)'],
    {
      command: 'add',
      address: '203.0.113.44',
      user: undefined,
      alertId: '(from_the_server)',
      ruleId: '(no_rule_id)',
      location: undefined,
    },
  ],
  ['by hand', ['add', '-', '203.0.113.7'], { ...ABSENT, command: 'add', address: '203.0.113.7' }],
  ['an operator’s request without an address', ['delete'], { ...ABSENT, ...NO_ADDRESS, command: 'delete' }],
  [
    'agent_control’s request with an empty address',
    ['add', '-', '', '(from_the_server)', '(no_rule_id)'],
    { ...ABSENT, ...NO_ADDRESS, command: 'add', alertId: '(from_the_server)', ruleId: '(no_rule_id)' },
  ],
  [
    'a user like an option',
    ['add', '-rf', '203.0.113.7'],
    { ...ABSENT, command: 'add', user: '-rf', address: '203.0.113.7' },
  ],
  [
    'a user like a call for help',
    ['add', '--help', '203.0.113.7'],
    { ...ABSENT, command: 'add', user: '--help', address: '203.0.113.7' },
  ],
] as const) {
  test(`reads ${title}: ${words.join(' ')}`, () => {
    assert.equal(parse(...words), { source: 'ossec', extraArguments: [], ...expected });
  });
}

test('refuses an address that was split at its spaces, with any first word', () => {
  refuses(
    () => parse('add', '-', '203.0.113.46', 'extra', '$(id)', ';x'),
    EX.DATAERR,
    /^'extra' is not a valid alert id$/,
  );
  refuses(
    () => parse('add', '-', '203.0.113.46', '1.2', '$(id)', ';x'),
    EX.DATAERR,
    /^'\$\(id\)' is not a valid rule id$/,
  );
});

for (const alertId of [
  '1795166136',
  '1795166136.16.1',
  '1795166136.',
  '.16',
  'x',
  '(from_the_server) x',
  '1.1\n',
  '-1.1',
])
  test(`refuses ${JSON.stringify(alertId)} as an alert id`, () => {
    refuses(() => parse('add', '-', '203.0.113.9', alertId), EX.DATAERR, /not a valid alert id$/);
  });

for (const ruleId of ['x', '1.5', '-1', '(no_rule_id)x', '31151 ', '$(id)'])
  test(`refuses ${JSON.stringify(ruleId)} as a rule id`, () => {
    refuses(() => parse('add', '-', '203.0.113.9', '1.1', ruleId), EX.DATAERR, /not a valid rule id$/);
  });

test('escapes control characters in user and location, and does not refuse the request', () => {
  const { user, address, location } = parse(
    'add',
    'bob\nadd - 1.2.3.4',
    '203.0.113.9',
    '1.1',
    '1',
    '/var/log\u001b[2J',
  );
  assert.equal([user, address, location], ['bob\\u000aadd - 1.2.3.4', '203.0.113.9', '/var/log\\u001b[2J']);
});

test('names the argument that it has read when there is no address', () => {
  for (const words of [['add', 'alice', '-', '1.1'], ['add', '-', ''], ['delete']])
    refuses(
      () => targetOf(parse(...words)),
      EX.DATAERR,
      /^the request has no address in the third argument \(by hand: add - ADDRESS\)$/,
    );
});

test('accepts a prefix from an operator, and refuses it from the server', () => {
  const request = parse('add', '-', '203.0.113.0/24');
  assert.is(targetOf(request).text, '203.0.113.0/24');
  refuses(
    () => targetOf({ ...request, source: 'server' }),
    EX.DATAERR,
    /^'203\.0\.113\.0\/24' is a prefix, but an alert blocks one host; to block the prefix: riposte block 203\.0\.113\.0\/24$/,
  );
});

test('refuses control characters in the address when it is parsed', () => {
  const { address } = parse('add', '-', '203.0.113.9\n');
  refuses(() => parseTarget(address), EX.DATAERR, /^'203\.0\.113\.9\\u000a' is not an IP address$/);
});

test('refuses a word that is not a command', () => {
  for (const words of [[], [''], ['ADD'], ['block', '-', '203.0.113.9'], ['enable'], ['constructor']])
    refuses(() => parseOssec(words), EX.USAGE, /^'.*' is neither add nor delete/);
});

test.run();
