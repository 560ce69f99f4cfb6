import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { isPrintable } from '../active-response/support.ts';
import { eventually } from '../lab/server.ts';
import { hasEnded } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';
import { riposte } from './io.ts';
import { type Scene, scene } from './scene.ts';

const ATTACKER = '203.0.113.44';
const SCRIPT = 'active-response/bin/firewall-drop.js';
/** The group of execd in the tests. */
const GID = 1235;

/** Replaces firewall-drop.js by a shell script. */
function install(it: Scene, text: string): void {
  it.write(SCRIPT, `#!/bin/sh\n${text}\n`);
  chmodSync(join(it.home.root, SCRIPT), 0o750);
  chownSync(join(it.home.root, SCRIPT), 0, GID);
}

/** A script that records its arguments, input and environment. */
const TELLER = `exec >> "$(dirname "$0")/../../told" 2>&1
echo "$0 $#: $*"; pwd; env | grep -v -E '^(PWD|OLDPWD|SHLVL|_)='; umask; id -u; id -g
readlink /proc/self/fd/0 | sed 's/[0-9].*//'
[ "$(ps -o sid= -p $$ | tr -d ' ')" = $$ ] && echo own session`;

/** Waits until a process has ended. */
const end = (pid: number) => eventually(`process ${pid} has ended`, () => hasEnded(pid));

const fire = labSuite('riposte fire', 'ps');

fire('OSSEC: runs the installed script as execd does', async () => {
  const it = scene();
  install(it, TELLER);
  const { exitCode } = await it.run('fire', 'firewall-drop', ATTACKER);
  assert.is(exitCode, 0);
  assert.equal(it.read('told').trimEnd().split('\n'), [
    `${join(it.home.root, SCRIPT)} 5: add - ${ATTACKER} (from_the_server) (no_rule_id)`,
    '/',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    '0022',
    '0',
    String(GID),
    '/dev/null',
    'own session',
  ]);
});

fire('Wazuh: runs the script by its relative name in the home, with a pipe and no arguments', async () => {
  const it = scene();
  install(it, TELLER);
  await it.run('fire', 'firewall-drop', ATTACKER, '--protocol', 'wazuh4', '--delete');
  const told = it.read('told').trimEnd().split('\n');
  assert.is(told[0], `${SCRIPT} 0: `);
  assert.is(told[1], it.home.root);
  assert.match(told[6] ?? '', /^(pipe|socket):\[$/);
});

for (const protocol of ['wazuh4', 'wazuh5']) {
  fire(`${protocol}: performs the handshake, shows it, and closes both pipes`, async () => {
    const it = scene();
    install(
      it,
      'read -r a; echo question; read -r b; read -r c || echo end >&2; (echo more) 2>/dev/null || exit 3',
    );
    const { exitCode, out } = await it.run('fire', 'firewall-drop', ATTACKER, '--protocol', protocol);
    const [add, question, answer, end, status] = out.split('\n');
    assert.match(add ?? '', /^-> \{.*"(add|enable)"/);
    assert.is(question, '<- question');
    assert.is(answer, add?.replace(/"command":"(add|enable)"/, '"command":"continue"'));
    assert.is(end, '!! end');
    assert.match(status ?? '', /^(exit status 3|firewall-drop\.js ended by SIGPIPE)$/);
    assert.ok(exitCode === 3 || exitCode === 69);
  });
}

fire('Wazuh: shows the output of a script that performs no handshake', async () => {
  const it = scene();
  install(it, 'read -r a; exit 65');
  const { exitCode, out } = await it.run('fire', 'firewall-drop', ATTACKER, '--protocol', 'wazuh4');
  assert.is(exitCode, 65);
  assert.match(out, /^-> \{.*\}\nexit status 65\n$/);
});

fire('kills a hung script with its children', async () => {
  const it = scene();
  install(it, 'sleep 1000 & echo $$ $! > "$(dirname "$0")/../../pids"; trap "" TERM; wait; sleep 1000');
  // The wait is long enough for the script to write its process IDs, even on a busy machine.
  const { exitCode, out } = await it.run('fire', 'firewall-drop', ATTACKER, '--wait', '10s');
  assert.is(exitCode, 75);
  assert.match(out, /\nfirewall-drop\.js took longer than 10 s; Riposte ended it\n$/);
  const pids = it.read('pids').trim().split(' ').map(Number);
  assert.is(pids.length, 2);
  await Promise.all(pids.map(end));
});

fire('accepts a very long time limit', async () => {
  const it = scene();
  install(it, 'sleep 0.1');
  assert.is((await it.run('fire', 'firewall-drop', ATTACKER, '--wait', '3650d')).exitCode, 0);
});

fire('kills a child that a script has left running, and does not wait for it', async () => {
  const it = scene();
  install(it, 'sleep 1000 >/dev/null 2>&1 & echo $! > "$(dirname "$0")/../../pids"');
  assert.is((await it.run('fire', 'firewall-drop', ATTACKER)).exitCode, 0);
  const pid = Number(it.read('pids'));
  assert.ok(pid > 1);
  await end(pid);
});

fire('uses the protocol of the installed manager by default', async () => {
  for (const [program, control, shown] of [
    ['ossec-execd', '', '-> /'],
    ['wazuh-agentd', 'VERSION="v4.14.7"', '-> {"version":1'],
    ['wazuh-agentd', 'VERSION="v5.0.0"', '"wazuh":{"active_response":'],
  ] as const) {
    const it = scene();
    install(it, 'exit 0');
    it.write(`bin/${program}`, '');
    if (control !== '') it.write('bin/wazuh-control', control);
    assert.match((await it.run('fire', 'firewall-drop', ATTACKER)).out, shown);
  }
});

fire('shows only the lines that the script adds to active-responses.log, in printable form', async () => {
  const it = scene();
  it.write('logs/active-responses.log', 'old\n');
  install(
    it,
    `printf 'new \\033[2J\\n' >> "$(dirname "$0")/../../logs/active-responses.log"; printf 'out\\007\\n'`,
  );
  const { out } = await it.run('fire', 'firewall-drop', ATTACKER);
  assert.match(out, '\nactive-responses.log: new \\u001b[2J\n');
  assert.match(out, '<- out\\u0007\n');
  assert.not.match(out, 'old');
  for (const line of out.trimEnd().split('\n')) assert.ok(isPrintable(line));
});

fire('gives advice when the script cannot be run', async () => {
  const none = scene();
  const missing = await none.run('fire', 'firewall-drop', ATTACKER);
  assert.is(missing.exitCode, 69);
  assert.match(missing.err, /there is no .*firewall-drop\.js: install Riposte there/);
  const it = scene();
  it.write(SCRIPT, '#!/nowhere/node\n');
  assert.match((await it.run('fire', 'firewall-drop', ATTACKER)).err, /is not executable/);
  chmodSync(join(it.home.root, SCRIPT), 0o755);
  const { exitCode, err } = await it.run('fire', 'firewall-drop', ATTACKER);
  assert.is(exitCode, 69);
  assert.match(err, /the program in its #! line does not exist/);
});

fire('refuses the address of the operator’s login, except with --delete', async () => {
  const it = scene();
  install(it, 'exit 0');
  const env = { PATH: process.env.PATH, SSH_CONNECTION: `${ATTACKER} 50000 192.0.2.1 22` };
  const run = (...words: string[]) =>
    riposte(['fire', 'firewall-drop', ATTACKER, '--home', it.home.root, ...words], '', 1, env);
  const { exitCode, err, out } = await run();
  assert.equal([exitCode, out], [65, '']);
  assert.match(err, `you are logged in from ${ATTACKER}; nothing was fired`);
  assert.is((await run('--delete')).exitCode, 0);
});

fire('runs nothing when the arguments are wrong', async () => {
  const it = scene();
  install(it, TELLER);
  for (const words of [
    [],
    ['firewall-drop'],
    ['firewall-drop', ATTACKER, 'more'],
    ['../../bin/sh', ATTACKER],
    ['firewall-drop', ATTACKER, '--protocol', 'wazuh6'],
    ['firewall-drop', ATTACKER, '--timeout', '60s'],
    ['firewall-drop', ATTACKER, '--wait', 'long'],
  ]) {
    assert.is((await it.run('fire', ...words)).exitCode, 64, words.join(' '));
  }
  assert.is(it.read('told'), '');
});

fire.run();
