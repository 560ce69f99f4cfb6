import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseFirewall, firewalls, presentFirewalls } from '../../../active-response/backend/firewalls.ts';
import { SETTINGS } from '../../../active-response/settings/settings.ts';
import { EX } from '../../../base/errors.ts';
import { directoryOfPrograms, refuses, settingsWith, temporaryDirectory } from '../support.ts';

/** Chooses a firewall on a host that has only these programs, for this FIREWALL_BACKEND. */
function choice(programs: string[], backend: 'auto' | 'pf' | 'ipset' | 'firewalld' = 'auto'): string {
  const PATH = directoryOfPrograms(Object.fromEntries(programs.map((program) => [program, ''])));
  return chooseFirewall(settingsWith({ backend }), { PATH });
}

test('chooses the configured firewall, whatever this host has', () => {
  assert.is(choice([], 'ipset'), 'ipset');
  assert.is(choice(['nft'], 'pf'), 'pf');
  assert.is(choice(['nft'], 'firewalld'), 'firewalld');
});

test('prefers nft to ipset', () => {
  assert.is(choice(['nft']), 'nftables');
  assert.is(choice(['nft', 'ipset', 'iptables']), 'nftables');
});

test('chooses ipset with iptables when nft is missing', () => {
  assert.is(choice(['ipset', 'iptables']), 'ipset');
});

test('chooses firewalld when nft is missing and a pid file or a unit shows that firewalld runs', () => {
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
    return `${chooseFirewall(settingsWith(), { PATH }, root)}${isPresent ? ', with Riposte’s blocks' : ''}`;
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
    'firewalld, with Riposte’s blocks',
  );
});

test('fails with advice when the host has no firewall', () => {
  for (const programs of [[], ['ipset'], ['iptables'], ['firewall-cmd.bak']])
    refuses(
      () => choice(programs),
      EX.UNAVAILABLE,
      /^no firewall: PATH \(\/.*\) has neither nft nor ipset and iptables; install nftables, or add its directory \(often \/usr\/sbin\) to PATH$/,
    );
});

test('lists each backend under its own name, and in the form of FIREWALL_BACKEND', () => {
  const settings = settingsWith();
  for (const [name, make] of Object.entries(firewalls)) {
    assert.is(SETTINGS.backend.parse(name), name);
    assert.is(make(settings).name, name);
  }
  const words = SETTINGS.backend.form.split(/, | or /).filter((word) => word !== 'auto');
  assert.equal(Object.keys(firewalls).sort(), words.sort());
});

test('finds no firewall when PATH has no program', () => {
  refuses(
    () => chooseFirewall(settingsWith(), { PATH: temporaryDirectory() }),
    EX.UNAVAILABLE,
    /^no firewall/,
  );
});

test.run();
