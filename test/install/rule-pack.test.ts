import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { packInForce } from '../../evaluate/rule-pack/chosen-pack.ts';
import { ManagerTree, type TreeKind } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { someOf } from '../runner/share.ts';
import { newerFiles, packFile } from './rule-pack-scene.ts';
import { run } from './run.ts';

/** Tests that managers get the rules of a pack, in trees like the managers' file systems. */
const test =
  process.getuid?.() === 0 ? suite('rules of a pack for managers') : labSuite('rules of a pack', 'root');
const FILES: Partial<Record<TreeKind, string>> = {
  'ossec-server': 'rules/riposte_scanners.xml',
  'wazuh4-server': 'etc/rules/riposte_scanners.xml',
};

const update = (root: string, ...words: string[]) => run(['rules', 'update', '--root', root, ...words]);

for (const [kind, file] of Object.entries(FILES) as [TreeKind, string][])
  test(`gives ${kind} the rules of a pack, and restores the old rules with --undo`, async () => {
    const tree = await ManagerTree.create(kind);
    const { pack } = await packFile(newerFiles(), { key: null });
    await run(['install', '--root', tree.root]);
    const before = await tree.read(file);
    const { exitCode, out, err } = await update(tree.root, '--allow', pack);
    assert.is(exitCode, 0, err);
    assert.match(out, /to make the manager read the changes: /);
    assert.is(await tree.read(file), `${before}<!-- newer -->\n`);
    // An installation keeps the pack's rules.
    assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
    await update(tree.root, '--undo');
    assert.is(await tree.read(file), before);
    await rm(tree.root, { recursive: true });
  });

test('keeps the old rules when the manager’s check refuses the new rules', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const { pack } = await packFile(newerFiles(), { key: null });
  await run(['install', '--root', tree.root]);
  const before = snapshot(tree.root);
  await tree.write(
    'bin/ossec-logtest',
    '#!/bin/sh\necho "ERROR: Invalid configuration" >&2\ngrep -q newer "$(dirname "$0")/../rules/riposte_scanners.xml" && exit 1\nexit 0\n',
    0o755,
  );
  const { exitCode, err } = await update(tree.root, '--allow', pack);
  assert.is.not(exitCode, 0, err);
  const left = differences(before, snapshot(tree.root)).filter(
    (each) => !/checks\.log|ossec-logtest/.test(each),
  );
  assert.equal(
    left.filter((each) => /riposte_scanners|ossec\.conf|installed\.json/.test(each)),
    [],
  );
  assert.match((await update(tree.root)).out, 'of this program');
  await rm(tree.root, { recursive: true });
});

test('leaves complete rules, old or new, when an update is killed at any step, and finishes at the next update', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const { pack } = await packFile(newerFiles(), { key: null });
  await run(['install', '--root', tree.root]);
  const [whole, list] = [`${tree.root}-whole`, `${tree.root}-steps.json`];
  await execa('cp', ['--archive', tree.root, whole]);
  const node = ['--import', './test/install/kill-at.mjs'];
  const first = await run(['rules', 'update', '--root', whole, '--allow', pack], {
    node,
    env: { WATCH: whole, STEPS_TO: list },
  });
  assert.is(first.exitCode, 0, first.err);
  const steps: number[] = JSON.parse((await execa('cat', [list])).stdout);
  assert.ok(steps.length > 10, `${steps.length} steps`);
  const updated = snapshot(whole);
  const [before, after] = [await tree.read('rules/riposte_scanners.xml'), 'newer'];
  // Test only every fourth step, because each run loads all rules.
  for (const step of someOf(steps.filter((_, index) => index % 4 === 0))) {
    const killed = `${tree.root}-killed`;
    await execa('cp', ['--archive', tree.root, killed]);
    const { signal } = await run(['rules', 'update', '--root', killed, '--allow', pack], {
      node,
      env: { KILL_AT: String(step) },
    });
    assert.is(signal, 'SIGKILL', `step ${step}`);
    // Even before the next update, a program that starts after the kill finds a complete set of rules.
    const home = homeAt(join(killed, 'var/ossec'));
    assert.ok([undefined, '29990101.000000'].includes(packInForce(home)?.version), `step ${step}`);
    const again = await update(killed, '--allow', pack);
    assert.is(again.exitCode, 0, `step ${step}: ${again.err}`);
    assert.equal(differences(updated, snapshot(killed)), [], `step ${step}`);
    await rm(killed, { recursive: true });
  }
  assert.not.match(before, after);
  assert.equal((await readdir(join(whole, 'var/ossec/var/riposte/rules'))).length, 2);
  for (const each of [tree.root, whole, list]) await rm(each, { recursive: true });
});

test.run();
