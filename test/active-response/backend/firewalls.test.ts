import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseFirewall, firewalls, presentFirewalls } from '../../../active-response/backend/firewalls.ts';
import { EX } from '../../../active-response/errors.ts';
import { SETTINGS } from '../../../active-response/settings/settings.ts';
import { directoryOfPrograms, refuses, settingsWith, temporaryDirectory } from '../support.ts';

/** The choice on a host with these programs, where nothing is set or this backend. */
function choice(programs: string[], backend: 'auto' | 'pf' | 'ipset' | 'firewalld' = 'auto'): string {
  const PATH = directoryOfPrograms(Object.fromEntries(programs.map((program) => [program, ''])));
  return chooseFirewall(settingsWith({ backend }), { PATH });
}

test('what is set is chosen, whatever this host has', () => {
  assert.is(choice([], 'ipset'), 'ipset');
  assert.is(choice(['nft'], 'pf'), 'pf');
  assert.is(choice(['nft'], 'firewalld'), 'firewalld');
});

test('nft comes before ipset', () => {
  assert.is(choice(['nft']), 'nftables');
  assert.is(choice(['nft', 'ipset', 'iptables']), 'nftables');
});

test('without nft it is ipset, with iptables', () => {
  assert.is(choice(['ipset', 'iptables']), 'ipset');
});

test('without nft it is firewalld where that runs: by its pid file, or as a unit, which has none', () => {
  const PATH = directoryOfPrograms({ 'firewall-cmd': '', ipset: '', iptables: '' });
  const choiceOn = (...made: string[]) => {
    const root = temporaryDirectory();
    for (const path of made) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      if (extname(path) === '.pid' || extname(path) === '.xml')
        writeFileSync(join(root, path), `${process.pid}\n`);
      else mkdirSync(join(root, path));
    }
    const isPresent = presentFirewalls(settingsWith(), { PATH }, root).includes('firewalld');
    return `${chooseFirewall(settingsWith(), { PATH }, root)}${isPresent ? ', with blocks of ours' : ''}`;
  };
  assert.is(choiceOn(), 'ipset');
  assert.is(choiceOn('run/firewalld.pid'), 'firewalld');
  assert.is(choiceOn('sys/fs/cgroup/system.slice/firewalld.service'), 'firewalld');
  assert.is(choiceOn('sys/fs/cgroup/systemd/system.slice/firewalld.service'), 'firewalld');
  assert.is(choiceOn('sys/fs/cgroup/system.slice/nftables.service'), 'ipset');
  const policy = 'etc/firewalld/policies/riposte-host.xml';
  assert.is(choiceOn(policy), 'ipset');
  assert.is(
    choiceOn('sys/fs/cgroup/system.slice/firewalld.service', policy),
    'firewalld, with blocks of ours',
  );
});

test('a host without a firewall is told so, and what to install', () => {
  for (const programs of [[], ['ipset'], ['iptables'], ['firewall-cmd.bak']])
    refuses(
      () => choice(programs),
      EX.UNAVAILABLE,
      /^no firewall: neither nft nor ipset and iptables in PATH \(\/.*\); install nftables$/,
    );
});

test('every backend that can be set is there, under its own name', () => {
  const settings = settingsWith();
  for (const name of ['nftables', 'ipset', 'firewalld', 'pf']) {
    assert.is(SETTINGS.backend.parse(name), name);
    assert.is(firewalls[name]?.(settings).name, name);
  }
  assert.is(Object.keys(firewalls).length, 4);
});

test('where PATH leads nowhere there is no firewall', () => {
  refuses(
    () => chooseFirewall(settingsWith(), { PATH: temporaryDirectory() }),
    EX.UNAVAILABLE,
    /^no firewall/,
  );
});

test.run();
