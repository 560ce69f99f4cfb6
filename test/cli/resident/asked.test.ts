import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAsked, parseReply, scriptOf } from '../../../cli/resident/asked.ts';

/** As the shell writes it: each field ended by a NUL. */
const written = (...fields: string[]) =>
  execFileSync('sh', ['-c', `printf '%s\\0' "$@"`, 'sh', ...fields], { encoding: 'utf8' });

const HEAD = ['firewall-drop', '/var/ossec/active-response/bin/firewall-drop.js', '/var/ossec'];
const request = (...words: string[]) =>
  written(String(9 + words.length), ...HEAD, '/usr/bin:/bin', '', '192.0.2.1 5 22', '47', '', ...words);

test('a request is read as the shell writes it', () => {
  assert.equal(parseAsked('7-1.00', request('add', '-', '203.0.113.9')), {
    name: '7-1.00',
    response: 'firewall-drop',
    script: '/var/ossec/active-response/bin/firewall-drop.js',
    env: { PATH: '/usr/bin:/bin', SSH_CLIENT: '192.0.2.1 5 22' },
    seat: 47,
    message: '',
    words: ['add', '-', '203.0.113.9'],
  });
});

test('words stay words whatever is in them', () => {
  for (const words of [[''], ['', ''], ['9'], ['a\nb', '%s\\0', '$(id)`id`*', ' '], ['\'"', '-rf', 'ü漢']])
    assert.equal(parseAsked('7-1.00', request(...words))?.words, words);
});

test('no part of a request is one, wherever it was cut', () => {
  const whole = request('add', '-', '203.0.113.9');
  for (let end = 0; end < whole.length; end++)
    assert.is(parseAsked('7-1.00', whole.slice(0, end)), undefined, `${end} characters`);
  assert.is(parseAsked('7-1.00', `${whole}more`), undefined);
  assert.is(parseAsked('7-1.00', `${whole}more\0`), undefined);
});

test('what has too few fields is none', () => {
  assert.is(parseAsked('7-1.00', written('1')), undefined);
  assert.is(parseAsked('7-1.00', written('8', ...HEAD, '', '', '', '47')), undefined);
  assert.is(parseAsked('7-1.00', ''), undefined);
});

test('a script that was run from its home is named in full', () => {
  const text = written(
    '9',
    'route-null',
    'active-response/bin/route-null.js',
    '/var/ossec',
    '',
    '',
    '',
    '1',
    '{}',
  );
  const { script, env, message, words } = parseAsked('7-1.00', text) ?? {};
  assert.equal([script, env, message, words], ['/var/ossec/active-response/bin/route-null.js', {}, '{}', []]);
});

test('the script that has laid a request is known by its name', () => {
  assert.is(scriptOf('4711-12.34'), 4711);
});

test('a reply is whole or none, and may be empty', () => {
  assert.is(parseReply(written('2', '{"command":"continue"}')), '{"command":"continue"}');
  assert.is(parseReply(written('2', '')), '');
  for (const text of ['', '2', '2\0', '2\0{"comm']) assert.is(parseReply(text), undefined);
});

test.run();
