import { chmodSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../../active-response/backend/backend.ts';
import { firewalls } from '../../../active-response/backend/firewalls.ts';
import { homeAt } from '../../../active-response/home.ts';
import { writeBlock } from '../../../active-response/ledger.ts';
import { firewallDrop } from '../../../active-response/response/firewall-drop.ts';
import { backends } from '../../../doctor/checks/backends.ts';
import { examine } from '../../../doctor/examination.ts';
import { selfTest } from '../../../doctor/self-test/self-test.ts';
import { firewallUnits } from '../../../install/units/firewall-units.ts';
import { collect } from '../../../metrics/collect.ts';
import { exposition } from '../../../metrics/exposition.ts';
import { riposte } from '../../cli/io.ts';
import { type Scene, scene } from '../../cli/scene.ts';
import { run } from '../../install/run.ts';
import { ManagerTree } from '../../lab/manager-tree.ts';
import { settingsWith, temporaryDirectory } from '../support.ts';

const ADDRESS = '203.0.113.7';
const blocked = new Map<string, object>();

/** The minimum backend: a firewall that keeps its blocks in this process. */
const memory: Backend = {
  name: 'memory',
  isHostWide: true,
  units: ['memory.service'],
  suits: () => true,
  apply({ verb, address: { text } }) {
    if (verb === 'block') blocked.set(text, {});
    else blocked.delete(text);
  },
  list: () => new Map(blocked),
  upkeep: {
    counters: () => ({ packets: 7, bytes: 420 }),
    rehearse: ({ say }) => say('would free the memory'),
    dismantle: ({ say, root, inside }) => say(`freed the memory of ${inside(root)}: ${blocked.size} blocked`),
  },
};

// This line adds the backend.
firewalls.memory = () => memory;

const test = suite('a backend that was added');
const asRoot = process.getuid?.() === 0 ? test : test.skip;
/** A PATH without the other firewalls' programs. */
const env = { PATH: temporaryDirectory() };
let at: Scene;

test.before.each(() => {
  at = scene();
  at.ledger(ADDRESS, 'firewall-drop', { backend: 'memory' });
  blocked.clear();
  blocked.set(ADDRESS, {});
});

test('is chosen by auto when no other firewall suits the host', () => {
  assert.is(firewallDrop.choose(settingsWith(), env), 'memory');
});

test('is listed in status', async () => {
  const { out } = await at.run('status');
  assert.match(out, new RegExp(`^${ADDRESS} +firewall-drop +memory +yes`, 'm'));
});

test('is counted by metrics and has its line in munin’s graph', async () => {
  const { families, failures } = await collect(at.home, env, () => {});
  assert.equal(failures, []);
  const text = exposition(families);
  assert.match(text, 'riposte_block_states{response="firewall-drop",state="in_force"} 1\n');
  assert.match(text, 'riposte_dropped_packets_total{backend="memory"} 7\n');
  assert.match(text, 'riposte_dropped_bytes_total{backend="memory"} 420\n');
  assert.match((await riposte(['munin', 'config'])).out, /^memory\.label memory$/m);
  const again = exposition((await collect(at.home, env, () => {})).families);
  assert.match(again, 'riposte_dropped_packets_total{backend="memory"} 7\n');
});

test('is listed by doctor', () => {
  const [first] = [backends(examine(at.home, env))].flat();
  assert.is(first?.seen, 'firewall-drop blocks by memory: 1 blocked now');
});

asRoot('is not tried by doctor’s self-test when it serves the whole host', async () => {
  at.write('active-response/bin/firewall-drop.js', '#!/bin/sh\n');
  chmodSync(`${at.home.root}/active-response/bin/firewall-drop.js`, 0o755);
  const [first] = await selfTest(examine(at.home, env));
  assert.match(first?.seen ?? '', 'firewall-drop is not tested: memory does not support namespaces');
});

test('has a unit that starts before Riposte’s', () => {
  assert.is(
    firewallUnits(),
    'nftables.service firewalld.service netfilter-persistent.service memory.service',
  );
});

asRoot('is emptied and dismantled by uninstall', async () => {
  const tree = await ManagerTree.create('ossec-server');
  try {
    await run(['install', '--root', tree.root]);
    const since = new Date().toISOString();
    writeBlock(homeAt(tree.home), {
      address: ADDRESS,
      response: 'firewall-drop',
      backend: 'memory',
      since,
      until: null,
      offence: 1,
    });
    const rehearsal = await riposte(['uninstall', '--dry-run', '--root', tree.root]);
    assert.match(rehearsal.out, 'would free the memory\n');
    assert.is(blocked.size, 1);
    const { exitCode, out, err } = await riposte(['uninstall', '--root', tree.root]);
    assert.equal([exitCode, err], [0, '']);
    assert.match(out, 'unblocked 1 address\n');
    assert.match(out, 'freed the memory of /: 0 blocked\n');
  } finally {
    await tree.remove();
  }
});

test.run();
