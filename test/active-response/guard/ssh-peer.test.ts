import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sshPeer } from '../../../active-response/guard/ssh-peer.ts';
import { childProgram } from '../child.ts';

const peer = (env: NodeJS.ProcessEnv) => sshPeer(env, false).map(({ text }) => text);

test('returns the first word of SSH_CONNECTION, or otherwise of SSH_CLIENT', () => {
  assert.equal(peer({ SSH_CONNECTION: '203.0.113.5 50022 198.51.100.1 22' }), ['203.0.113.5']);
  assert.equal(peer({ SSH_CLIENT: '203.0.113.6 50022 22' }), ['203.0.113.6']);
  assert.equal(peer({ SSH_CONNECTION: '203.0.113.5 1 2 3', SSH_CLIENT: '203.0.113.6 1 2' }), ['203.0.113.5']);
});

test('reads IPv6, with a zone, and mapped IPv4', () => {
  assert.equal(peer({ SSH_CONNECTION: '2001:DB8::5 50022 2001:db8::1 22' }), ['2001:db8::5']);
  assert.equal(peer({ SSH_CONNECTION: 'fe80::5%eth0 50022 fe80::1%eth0 22' }), ['fe80::5']);
  assert.equal(peer({ SSH_CONNECTION: '::ffff:203.0.113.5 50022 ::ffff:198.51.100.1 22' }), ['203.0.113.5']);
});

test('returns no peer when the text is not an address', () => {
  assert.equal(peer({ SSH_CONNECTION: 'UNKNOWN 65535 UNKNOWN 65535' }), []);
  assert.equal(peer({ SSH_CONNECTION: '' }), []);
});

const printer = await childProgram('guard/ssh-peer-printer.ts');

/** Runs the printer without SSH_CONNECTION, below a shell that has this variable, as under sudo. */
function throughSudo(connection: string, where: string): string {
  const script = `"$0" -c 'env -u SSH_CONNECTION -u SSH_CLIENT "$0" "$1" "$2"; exit' "$1" "$2" "$3"; exit`;
  return execFileSync('/bin/sh', ['-c', script, '/bin/sh', process.execPath, printer, where], {
    env: { PATH: process.env.PATH, SSH_CONNECTION: connection },
    encoding: 'utf8',
  }).trim();
}

test('finds the peer in a parent’s environment on a terminal, as under sudo', () => {
  // Only Linux has /proc; on other systems sshPeer finds no peer.
  const expected = existsSync('/proc/self/environ') ? '203.0.113.5' : '';
  assert.is(throughSudo('203.0.113.5 50022 198.51.100.1 22', 'terminal'), expected);
});

test('ignores parents’ environments without a terminal, because a parent may be a manager started over SSH', () => {
  assert.is(throughSudo('203.0.113.5 50022 198.51.100.1 22', 'manager'), '');
});

test.run();
