import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTarget } from '../../../active-response/address.ts';
import { EX } from '../../../active-response/errors.ts';
import { parseCommandLine } from '../../../active-response/protocol/command-line.ts';
import { parseOssec } from '../../../active-response/protocol/ossec.ts';
import { refuses } from '../support.ts';

/** As execd hands the words over: first the command line, then the words in their places. */
const parse = (...words: string[]) => parseOssec(parseCommandLine(words).words);

const ABSENT = { user: undefined, alertId: undefined, ruleId: undefined, location: undefined };

for (const [title, words, expected] of [
  [
    'a server adds',
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
    'a server deletes',
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
    'address and user',
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
      address: '',
      user: 'alice',
      alertId: '1795166304.29',
      ruleId: '100503',
      location: '/var/log/x.log',
    },
  ],
  [
    'on an agent, with the location in two words and the null of glibc',
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
  ['by hand, without an address', ['delete'], { ...ABSENT, command: 'delete', address: '' }],
  [
    'agent_control -b with an empty address',
    ['add', '-', '', '(from_the_server)', '(no_rule_id)'],
    { ...ABSENT, command: 'add', address: '', alertId: '(from_the_server)', ruleId: '(no_rule_id)' },
  ],
  [
    'a user like an option',
    ['add', '-rf', '203.0.113.7'],
    { ...ABSENT, command: 'add', user: '-rf', address: '203.0.113.7' },
  ],
  [
    'a user like a question',
    ['add', '--help', '203.0.113.7'],
    { ...ABSENT, command: 'add', user: '--help', address: '203.0.113.7' },
  ],
] as const) {
  test(`${title}: ${words.join(' ')}`, () => {
    assert.equal(parse(...words), { protocol: 'ossec', extraArguments: [], ...expected });
  });
}

test('an address that was split at its spaces is not trusted, whatever its first word is', () => {
  refuses(
    () => parse('add', '-', '203.0.113.46', 'extra', '$(id)', ';x'),
    EX.DATAERR,
    /^'extra' is no alert id$/,
  );
  refuses(
    () => parse('add', '-', '203.0.113.46', '1.2', '$(id)', ';x'),
    EX.DATAERR,
    /^'\$\(id\)' is no rule id$/,
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
  test(`${JSON.stringify(alertId)} is no alert id`, () => {
    refuses(
      () => parse('add', '-', '203.0.113.9', alertId),
      EX.DATAERR,
      /no alert id$|^alert id holds control characters/,
    );
  });

for (const ruleId of ['x', '1.5', '-1', '(no_rule_id)x', '31151 ', '$(id)'])
  test(`${JSON.stringify(ruleId)} is no rule id`, () => {
    refuses(() => parse('add', '-', '203.0.113.9', '1.1', ruleId), EX.DATAERR, /no rule id$/);
  });

test('control characters in user and location are refused', () => {
  refuses(
    () => parse('add', 'bob\nadd - 1.2.3.4', '203.0.113.9'),
    EX.DATAERR,
    /^user holds control characters: 'bob\\u000aadd/,
  );
  refuses(
    () => parse('add', '-', '203.0.113.9', '1.1', '1', '/var/log\u001b[2J'),
    EX.DATAERR,
    /^location holds control characters/,
  );
});

test('control characters in the address do not pass the reading of it', () => {
  const { address } = parse('add', '-', '203.0.113.9\n');
  refuses(() => parseTarget(address), EX.DATAERR, /^'203\.0\.113\.9\\u000a' is not an IP address$/);
});

test('a word that is no command is a wrong usage', () => {
  for (const words of [[], [''], ['ADD'], ['block', '-', '203.0.113.9'], ['enable'], ['constructor']])
    refuses(() => parseOssec(words), EX.USAGE, /^'.*' is neither add nor delete/);
});

test.run();
