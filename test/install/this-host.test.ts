import { readdir, readFile, readlink } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { leftToAll } from '../runner/share.ts';
import { callsOf, ENV, hostWithManager } from './host-with-manager.ts';
import { run } from './run.ts';

const test = labSuite('install on this host', 'nft', 'ipset', 'iptables');
const inAll = leftToAll(test);

/** The calls of systemctl for an installation, and for an uninstall. */
const STARTED = ['daemon-reload', 'start riposte-sweep.timer', 'try-restart riposte-respond.service'];
const STOPPED = [
  'stop riposte-sweep.timer riposte-sweep.service riposte-restore.service',
  'is-enabled --quiet riposte-respond.service',
  'disable --now riposte-respond.service',
];

test('starts riposte respond with --respond, and otherwise proposes it on a host with Wazuh', async () => {
  const mounts = await hostWithManager('wazuh4-agent');
  const runOptions = { prefix: mounts.prefix, env: ENV };
  const proposed = await run(['install'], runOptions);
  assert.is(proposed.exitCode, 0, proposed.err);
  assert.match(proposed.out, '2 s with riposte respond; riposte install --respond starts it');
  const before = (await callsOf(mounts)).length;
  const rehearsed = await run(['install', '--respond', '--dry-run'], runOptions);
  assert.match(rehearsed.out, 'would run: systemctl enable --now riposte-respond.service');
  assert.equal((await callsOf(mounts)).slice(before), []);
  const { exitCode, out } = await run(['install', '--respond'], runOptions);
  assert.is(exitCode, 0);
  assert.match(out, 'started: systemctl enable --now riposte-respond.service');
  assert.not.match(out, '--respond starts it');
  assert.equal((await callsOf(mounts)).slice(before), ['enable --now riposte-respond.service']);
  await mounts.remove();
});

test('with --serve, installs riposte serve beside an agent of Wazuh 5, and remembers the option', async () => {
  const mounts = await hostWithManager('wazuh5-agent');
  const runOptions = { prefix: mounts.prefix, env: ENV };
  const plain = await run(['install'], runOptions);
  assert.is(plain.exitCode, 0, plain.err);
  assert.match(plain.out, 'riposte install --serve adds riposte serve, which blocks at once');
  const { exitCode, out, err } = await run(['install', '--serve'], runOptions);
  assert.is(exitCode, 0, err);
  assert.match(out, 'then run: systemctl enable --now riposte.service');
  assert.match(out, '<location>/opt/ossec/logs/riposte-alerts.log</location>');
  const unit = mounts.path('/etc/systemd/system/riposte.service');
  assert.match(
    await readFile(unit, 'utf8'),
    'serve --home /opt/ossec --alerts /opt/ossec/logs/riposte-alerts.log',
  );
  assert.match((await run(['install'], runOptions)).out, '--serve, as before (--no-serve revokes it)');
  assert.match(
    (await run(['install', '--no-serve'], runOptions)).out,
    'removed /etc/systemd/system/riposte.service',
  );
  for (const wrong of [['--standalone'], ['--respond']])
    assert.is((await run(['install', '--serve', ...wrong], runOptions)).exitCode, 64);
  assert.is((await run(['uninstall', '--purge'], runOptions)).exitCode, 0);
  await mounts.remove();
});

test('enables its units and starts the timer, and an uninstall by the command’s link removes everything', async () => {
  const mounts = await hostWithManager('ossec-server');
  const runOptions = { prefix: mounts.prefix, env: ENV };
  const calls = () => callsOf(mounts);
  const [home, upper] = [mounts.path('/opt/ossec'), mounts.path('/opt/upper')];
  const before = [snapshot(home), snapshot(upper)];
  const { exitCode, err, out } = await run(['install'], runOptions);
  assert.is(exitCode, 0, err);
  assert.match(out, 'to make the manager read the changes: /opt/ossec/bin/ossec-control restart');
  assert.equal(await calls(), STARTED);
  const units = mounts.path('/etc/systemd/system');
  assert.is(
    await readlink(`${units}/timers.target.wants/riposte-sweep.timer`),
    '/etc/systemd/system/riposte-sweep.timer',
  );
  assert.not.ok((await readdir(mounts.path('/etc/cron.d'))).includes('riposte'));
  const [program = '', ...words] = [...mounts.prefix, '/usr/local/bin/riposte', 'uninstall', '--purge'];
  const removal = await execa(program, words, { reject: false, env: runOptions.env, extendEnv: false });
  assert.is(removal.exitCode, 0, removal.stderr);
  assert.equal((await calls()).slice(STARTED.length), [...STOPPED, 'daemon-reload']);
  assert.equal(differences(before[0] ?? new Map(), snapshot(home)), []);
  assert.equal(
    [...snapshot(upper).keys()].filter((path) => path.includes('riposte')),
    [],
  );
  await mounts.remove();
});

test('on a host without a manager, restarts the server, and does not stop units that are missing', async () => {
  const mounts = await hostWithManager('ossec-agent');
  const runOptions = { prefix: mounts.prefix, env: ENV };
  const standalone = ['install', '--standalone', '--home', '/opt/riposte'];
  await mounts.run('rm', '-r', '/opt/ossec');
  const { exitCode, err } = await run(standalone, runOptions);
  assert.is(exitCode, 0, err);
  assert.equal(await callsOf(mounts), [
    'daemon-reload',
    'start riposte-sweep.timer',
    'try-restart riposte.service',
  ]);
  const again = await run([...standalone, '--behind-proxy', '--dry-run'], runOptions);
  assert.match(again.out, 'would run: systemctl try-restart riposte.service');
  assert.not.match(again.out, 'riposte-respond');
  assert.is((await run(['uninstall', '--home', '/opt/riposte'], runOptions)).exitCode, 0);
  const before = (await callsOf(mounts)).length;
  assert.is((await run(['uninstall', '--home', '/opt/riposte', '--purge'], runOptions)).exitCode, 0);
  assert.equal((await callsOf(mounts)).slice(before), ['daemon-reload']);
  await mounts.remove();
});

inAll('restarts Wazuh’s own unit if there is one', async () => {
  const mounts = await hostWithManager('wazuh4-agent');
  const runOptions = { prefix: mounts.prefix, env: ENV };
  await mounts.run('touch', '/etc/systemd/system/wazuh-agent.service');
  const { exitCode, out } = await run(['install', '--restart'], runOptions);
  assert.is(exitCode, 0);
  assert.match(out, 'restarted: systemctl restart wazuh-agent');
  assert.is((await callsOf(mounts)).at(-1), 'restart wazuh-agent');
  await mounts.remove();
});

test('removes blocks that a killed uninstall left in the kernel, and blocks made during the uninstall', async () => {
  const mounts = await hostWithManager('ossec-agent');
  await run(['install'], { prefix: mounts.prefix, env: ENV });
  const add = '/opt/ossec/active-response/bin/firewall-drop.js add -';
  const steps = [
    `${add} 203.0.113.7`,
    `mv /opt/ossec/var/riposte/blocks/firewall-drop/*.json /opt/ossec/var/riposte/ended/firewall-drop/`,
    `printf '#!/bin/sh\\n[ "$1" = start ] || ${add} 203.0.113.8\\n' > /opt/ossec/bin/ossec-logcollector`,
    '/usr/local/bin/riposte uninstall',
    'cat /opt/ossec/logs/active-responses.log',
    'nft list ruleset',
  ];
  await mounts.run('mkdir', '-p', '/opt/ossec/var/riposte/ended/firewall-drop');
  const [program = '', ...words] = [...mounts.prefix, 'unshare', '--net', 'sh', '-ec', steps.join('\n')];
  const ended = await execa(program, words, { reject: false, env: ENV, extendEnv: false });
  assert.is(ended.exitCode, 0, ended.stderr);
  assert.match(ended.stdout, /add - 203\.0\.113\.8 .* blocked/);
  assert.not.match(ended.stdout, 'table inet riposte');
  await mounts.remove();
});

inAll('leaves the timer running when an uninstall fails', async () => {
  const mounts = await hostWithManager('ossec-agent');
  const runOptions = { prefix: mounts.prefix, env: ENV };
  await run(['install'], runOptions);
  await mounts.run('mount', '--bind', '/opt/ossec/active-response', '/opt/ossec/active-response');
  await mounts.run('mount', '--options', 'remount,ro,bind', '/opt/ossec/active-response');
  const { exitCode, err } = await run(['uninstall'], runOptions);
  assert.is(exitCode, 74, err);
  // The systemctl of this host reports each unit as enabled.
  assert.equal((await callsOf(mounts)).slice(STARTED.length), [
    ...STOPPED,
    ...STARTED.slice(0, 2),
    'enable --now riposte-respond.service',
  ]);
  await mounts.remove();
});

test('restores the earlier firewall, with ipset and with nft, and keeps the rules of other programs', async () => {
  const mounts = await hostWithManager('ossec-agent');
  const save = (file: string) =>
    `(iptables-save; ip6tables-save; iptables-legacy-save; ip6tables-legacy-save) | grep -v '^[#:*]\\|^COMMIT' > ${file}`;
  const steps = [
    'iptables -A INPUT -s 192.0.2.1 -j DROP; ip6tables -A FORWARD -s 2001:db8::1 -j DROP',
    save('/opt/before'),
    'for by in ipset nftables; do for each in 203.0.113.7 2001:db8::7 203.0.113.0/24; do',
    '  /opt/ossec/active-response/bin/firewall-drop.js add - $each --backend $by >&2; done',
    '  case $by in ipset) mv /opt/ossec/var/riposte/blocks/firewall-drop/* /opt;; esac',
    'done',
    'echo $(iptables-save | grep -c "match-set riposte4") $(nft list table inet riposte | grep -c 203.0.113.7)',
    '/usr/local/bin/riposte uninstall >&2',
    save('/opt/after'),
    'diff /opt/before /opt/after; wc -l < /opt/after; ipset list -n; nft list tables | grep riposte; echo end',
  ];
  await run(['install'], { prefix: mounts.prefix, env: ENV });
  const [program = '', ...words] = [...mounts.prefix, 'unshare', '--net', 'sh', '-c', steps.join('\n')];
  const ended = await execa(program, words, { reject: false, env: ENV, extendEnv: false });
  assert.is(ended.stdout, '1 1\n2\nend', ended.stderr);
  await mounts.remove();
});

test.run();
