import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCommandLine, parseFlags } from '../../../active-response/protocol/command-line.ts';
import { nginxDeny } from '../../../active-response/response/nginx-deny.ts';
import { EX } from '../../../base/errors.ts';
import { refuses } from '../support.ts';

/** The parsed command line, with the flags as an object. */
function parsed(...argv: string[]) {
  const { flags, ...rest } = parseCommandLine(argv);
  return { ...rest, flags: Object.fromEntries(flags) };
}
const arguments_ = (words: string[], flags = {}, dryRun = false) => ({
  mode: 'arguments',
  words,
  flags,
  dryRun,
});

for (const words of [
  ['add', '-', '203.0.113.9', '1795166136.16', '31151', '/var/log/apache2/access.log', '-'],
  ['delete', '-', '203.0.113.9', '1795166136.16', '31151', '/var/log/apache2/access.log', '-'],
  'add bob 198.51.100.57 1795166388.33 100501 (lab-agent) 10.99.77.2->/var/log/x.log (null)'.split(' '),
  ['add', '-', '203.0.113.44', '(from_the_server)', '(no_rule_id)'],
  ['add', '-', '203.0.113.46', 'extra', '$(id)', ';x'],
  ['add', '-', ''],
  ['add', '-', '203.0.113.9'],
  ['add'],
]) {
  test(`reads the words ${words.join(' ')} as arguments, unchanged`, () => {
    assert.equal(parsed(...words), arguments_(words));
  });
}

for (const user of [
  '--help',
  '--version',
  '--list',
  '--dry-run',
  '-rf',
  '--',
  '-',
  '',
  'add',
  'delete',
  '--backend=pf',
]) {
  test(`reads '${user}' as the user when it is the second word`, () => {
    assert.equal(parsed('add', user, '203.0.113.9'), arguments_(['add', user, '203.0.113.9']));
  });
}

for (const address of ['--help', '-rf', '--dry-run', 'add']) {
  test(`does not read '${address}' as a flag when it is the third word`, () => {
    assert.equal(parsed('delete', '-', address), arguments_(['delete', '-', address]));
  });
}

test('reads add --help 1.2.3.4 as a request, not as a call for help', () => {
  assert.equal(parsed('add', '--help', '1.2.3.4'), arguments_(['add', '--help', '1.2.3.4']));
});

test('reads a single hyphen after the address as a word', () => {
  assert.equal(
    parsed('add', '-', '203.0.113.9', '-rf', '-'),
    arguments_(['add', '-', '203.0.113.9', '-rf', '-']),
  );
});

test('accepts flags before the command and after the address', () => {
  const words = ['add', '-', '203.0.113.9'];
  assert.equal(parsed('--backend', 'ipset', ...words), arguments_(words, { backend: 'ipset' }));
  assert.equal(parsed(...words, '--backend', 'ipset'), arguments_(words, { backend: 'ipset' }));
  assert.equal(
    parsed('--dry-run', '--ports=80,443', ...words, '--block-for=1d'),
    arguments_(words, { ports: '80,443', 'block-for': '1d' }, true),
  );
  assert.equal(
    parsed(...words, '1.2', '31151', '--dry-run'),
    arguments_([...words, '1.2', '31151'], {}, true),
  );
});

test('ignores options in the location of an alert', () => {
  const words = [
    'add',
    '-',
    '203.0.113.9',
    '1.2',
    '31151',
    '->output:',
    "'netstat",
    '--numeric',
    "--help'",
    '-',
  ];
  assert.equal(parsed(...words), arguments_(words));
  assert.equal(parsed(...words, '--dry-run'), arguments_([...words, '--dry-run']));
});

test('uses the last of repeated flags', () => {
  assert.equal(parsed('--action', 'drop', 'add', '-', '203.0.113.9', '--action=reject').flags, {
    action: 'reject',
  });
});

test('reads --origin before add or after the address, and only as PROGRAM:NAME', () => {
  const words = ['add', '-', '203.0.113.9'];
  const origin = 'fail2ban:sshd';
  for (const line of [
    [...words, '--origin', origin, '--dry-run'],
    ['--dry-run', `--origin=${origin}`, ...words],
  ])
    assert.equal(parsed(...line), { ...arguments_(words, {}, true), origin });
  for (const wrong of ['sshd', ':', 'fail2ban:', 'fail2ban:a b', '../a:b', `a:${'b'.repeat(61)}`])
    refuses(() => parsed(...words, '--origin', wrong), EX.USAGE, /--origin must be PROGRAM:NAME/);
});

test('ignores --origin in an alert, because an attacker may have written it', () => {
  const words = ['add', '-', '203.0.113.9', '1.2', '31151', 'location', '--origin', 'fail2ban:sshd'];
  assert.equal(parsed(...words), arguments_(words));
});

test('expects a message when there are no words', () => {
  assert.equal(parsed(), { mode: 'message', words: [], flags: {}, dryRun: false });
  assert.equal(parsed('--dry-run', '--action', 'reject'), {
    mode: 'message',
    words: [],
    flags: { action: 'reject' },
    dryRun: true,
  });
});

test('recognizes help, version and list by name', () => {
  assert.is(parsed('--help').mode, 'help');
  assert.is(parsed('--version').mode, 'version');
  assert.is(parsed('--list').mode, 'list');
  assert.is(parsed('--list', '--help').mode, 'help');
  assert.is(parsed('add', '-', '203.0.113.9', '--help').mode, 'help');
  assert.equal(parsed('--list', '--apache-file', '/a').flags, { 'apache-file': '/a' });
});

test('refuses a word that is neither command nor flag', () => {
  for (const word of [
    'block',
    '203.0.113.9',
    '-h',
    '-rf',
    '--',
    '',
    '--Backend=x',
    '--9',
    '--back_end=x',
    'ADD',
    '---help',
  ])
    refuses(
      () => parseCommandLine([word]),
      EX.USAGE,
      /^'.*' is neither add, delete nor an option \(see --help\)$/,
      word,
    );
});

test('refuses a word after a flag and its value', () => {
  refuses(
    () => parseCommandLine(['add', '-', '203.0.113.9', '--dry-run', 'x']),
    EX.USAGE,
    /^'x' is neither add, delete nor an option/,
  );
});

test('refuses a flag without its value', () => {
  refuses(() => parseCommandLine(['add', '-', '203.0.113.9', '--ports']), EX.USAGE, /^--ports needs a value/);
  refuses(() => parseCommandLine(['--backend']), EX.USAGE, /^--backend needs a value/);
});

test('keeps the values of flags unchanged, whatever they contain', () => {
  assert.equal(
    [...parseFlags(['--a=b=c', '--d', '--e', '--f=', '--g', '', '--h=x\ny'])],
    [
      ['a', 'b=c'],
      ['d', '--e'],
      ['f', ''],
      ['g', ''],
      ['h', 'x\ny'],
    ],
  );
});

test('accepts no value for a switch', () => {
  assert.equal(
    [...parseFlags(['--dry-run', '--action', 'drop'])],
    [
      ['dry-run', ''],
      ['action', 'drop'],
    ],
  );
});

test('treats names that every object has like other flags', () => {
  assert.equal(
    [...parseFlags(['--constructor', 'x', '--to-string=y'])],
    [
      ['constructor', 'x'],
      ['to-string', 'y'],
    ],
  );
});

test("reads Wazuh's extra_args as flags, and refuses other words", () => {
  assert.equal(
    [...parseFlags(['--backend', 'nftables', '--ports', '80,443'])],
    [
      ['backend', 'nftables'],
      ['ports', '80,443'],
    ],
  );
  refuses(
    () => parseFlags(['one', '"two', 'three"']),
    EX.USAGE,
    /^'one' is neither add, delete nor an option/,
  );
  refuses(
    () => parseFlags(['--block-for', '"1d,', '7d"']),
    EX.USAGE,
    /^'7d"' is neither add, delete nor an option/,
  );
});

test('shortens a wrong word to one line in the message', () => {
  refuses(
    () => parseFlags([`\u001b]0;x\u0007\n${'y'.repeat(10_000)}`]),
    EX.USAGE,
    /^'\\u001b\]0;x\\u0007\\u000ay{20,40}…' is neither add, delete nor an option/,
  );
});

test('reads a response’s own flags at the end as flags, and other flags as part of the location', () => {
  const words = ['add', '-', '203.0.113.9', '1.1', '31151', '/var/log/x', '--nginx-file', '/x'];
  assert.equal(parseCommandLine(words).words, words);
  const { words: left, flags } = parseCommandLine(words, nginxDeny.settings);
  assert.equal(left, words.slice(0, -2));
  assert.equal([...flags], [['nginx-file', '/x']]);
});

test.run();
