import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { ManagerTree } from '../../lab/manager-tree.ts';
import { labSuite } from '../../lab/suite.ts';
import { differences, snapshot } from '../../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('killed installations');

test('an install that is killed at any step is finished by the next one, or taken out', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const [copy, killed] = [`${tree.root}-copy`, `${tree.root}-killed`];
  const before = snapshot(tree.root);
  await copyTree(tree.root, copy);
  await run(['install', '--root', copy]);
  const installed = snapshot(copy);
  let steps = 0;
  while (await isKilledAt(steps + 1)) {
    steps++;
    await copyTree(killed, copy);
    const [again, out] = await Promise.all([
      run(['install', '--root', copy]),
      run(['uninstall', '--purge', '--root', killed]),
    ]);
    assert.is(again.exitCode, 0, `${steps}: ${again.err}`);
    assert.equal(differences(installed, snapshot(copy)), [], `install after a kill at step ${steps}`);
    assert.is(out.exitCode, 0, `${steps}: ${out.err}`);
    assert.equal(differences(before, snapshot(killed)), [], `uninstall after a kill at step ${steps}`);
  }
  assert.ok(steps > 60, `${steps} steps`);
  await Promise.all([tree.remove(), rm(copy, { recursive: true }), rm(killed, { recursive: true })]);

  /** Starts from the tree as it was. False when the install ends before it comes to that step. */
  async function isKilledAt(step: number): Promise<boolean> {
    await copyTree(tree.root, killed);
    const { signal } = await run(['install', '--root', killed], {
      node: ['--import', './test/cli/install/kill-at.mjs'],
      env: { KILL_AT: String(step) },
    });
    return signal === 'SIGKILL';
  }
});

test('an uninstall that is killed at any step is finished by the next one', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const [installed, killed, whole] = ['installed', 'killed', 'whole'].map(
    (name) => `${tree.root}-${name}`,
  ) as [string, string, string];
  await copyTree(tree.root, installed);
  await run(['install', '--root', installed]);
  await copyTree(installed, whole);
  await run(['uninstall', '--root', whole]);
  let steps = 0;
  while (await isKilledAt(steps + 1)) {
    steps++;
    assert.is((await run(['uninstall', '--root', killed])).exitCode, 0);
    assert.equal(differences(snapshot(whole), snapshot(killed)), [], `after a kill at step ${steps}`);
  }
  assert.ok(steps > 50, `${steps} steps`);
  for (const root of [installed, killed, whole]) await rm(root, { recursive: true });
  await tree.remove();

  async function isKilledAt(step: number): Promise<boolean> {
    await copyTree(installed, killed);
    const { signal } = await run(['uninstall', '--root', killed], {
      node: ['--import', './test/cli/install/kill-at.mjs'],
      env: { KILL_AT: String(step) },
    });
    return signal === 'SIGKILL';
  }
});

test.run();

async function copyTree(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await execa('cp', ['--archive', from, to]);
}
