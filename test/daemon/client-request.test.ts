import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseClientRequest, parseReply, pidOf } from '../../daemon/client-request.ts';

/** Fields as the shell writes them: each ended by a NUL. */
const written = (...fields: string[]) =>
  execFileSync('sh', ['-c', `printf '%s\\0' "$@"`, 'sh', ...fields], { encoding: 'utf8' });

const HEAD = ['firewall-drop', '/var/ossec/active-response/bin/firewall-drop.js', '/var/ossec'];
const request = (...words: string[]) =>
  written(String(9 + words.length), ...HEAD, '/usr/bin:/bin', '', '192.0.2.1 5 22', '47', '', ...words);

test('reads a request that the shell has written', () => {
  assert.equal(parseClientRequest('7-1.00', request('add', '-', '203.0.113.9')), {
    name: '7-1.00',
    response: 'firewall-drop',
    script: '/var/ossec/active-response/bin/firewall-drop.js',
    env: { PATH: '/usr/bin:/bin', SSH_CLIENT: '192.0.2.1 5 22' },
    slot: 47,
    message: '',
    words: ['add', '-', '203.0.113.9'],
  });
});

test('keeps arguments apart whatever characters they hold', () => {
  for (const words of [[''], ['', ''], ['9'], ['a\nb', '%s\\0', '$(id)`id`*', ' '], ['\'"', '-rf', 'ü漢']])
    assert.equal(parseClientRequest('7-1.00', request(...words))?.words, words);
});

test('rejects a request that is cut at any place', () => {
  const whole = request('add', '-', '203.0.113.9');
  for (let end = 0; end < whole.length; end++)
    assert.is(parseClientRequest('7-1.00', whole.slice(0, end)), undefined, `${end} characters`);
  assert.is(parseClientRequest('7-1.00', `${whole}more`), undefined);
  assert.is(parseClientRequest('7-1.00', `${whole}more\0`), undefined);
});

test('rejects a request with too few fields', () => {
  assert.is(parseClientRequest('7-1.00', written('1')), undefined);
  assert.is(parseClientRequest('7-1.00', written('8', ...HEAD, '', '', '', '47')), undefined);
  assert.is(parseClientRequest('7-1.00', ''), undefined);
});

test('completes the path of a script that was run from its home', () => {
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
  const { script, env, message, words } = parseClientRequest('7-1.00', text) ?? {};
  assert.equal([script, env, message, words], ['/var/ossec/active-response/bin/route-null.js', {}, '{}', []]);
});

test('reads the client’s process ID from a request’s name', () => {
  assert.is(pidOf('4711-12.34'), 4711);
});

test('reads a complete reply, which may be empty, and rejects a partial reply', () => {
  assert.is(parseReply(written('2', '{"command":"continue"}')), '{"command":"continue"}');
  assert.is(parseReply(written('2', '')), '');
  for (const text of ['', '2', '2\0', '2\0{"comm']) assert.is(parseReply(text), undefined);
});

test.run();
