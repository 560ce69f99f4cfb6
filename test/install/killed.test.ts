import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { SHARE } from '../runner/share.ts';
import { run } from './run.ts';

const test = labSuite('killed installations');

test('finishes or removes an install that was killed at any step', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const whole = `${tree.root}-whole`;
  const before = snapshot(tree.root);
  await copyTree(tree.root, whole);
  await run(['install', '--root', whole]);
  const installed = snapshot(whole);
  const steps = await stepsOf('install', tree.root);
  assert.ok(steps.length > 60, `${steps.length} steps`);
  // `npm test` repeats the install after some kills, and uninstalls after other kills.
  const [finished, removed] = [everyTwelfth(steps, 0), everyTwelfth(steps, 6)];
  const either = steps.filter((step) => finished.includes(step) || removed.includes(step));
  await forEachKilled(either, 'install', tree.root, async (step, killed) => {
    const copy = `${killed}-copy`;
    await copyTree(killed, copy);
    if (finished.includes(step)) {
      const again = await run(['install', '--root', copy]);
      assert.is(again.exitCode, 0, `${step}: ${again.err}`);
      assert.equal(differences(installed, snapshot(copy)), [], `install after a kill at step ${step}`);
    }
    if (removed.includes(step)) {
      const out = await run(['uninstall', '--purge', '--root', killed]);
      assert.is(out.exitCode, 0, `${step}: ${out.err}`);
      assert.equal(differences(before, snapshot(killed)), [], `uninstall after a kill at step ${step}`);
    }
    await removeTrees(killed, copy);
  });
  await removeTrees(tree.root, whole);
});

test('finishes an uninstall that was killed at any step', async () => {
  const tree = await ManagerTree.create('ossec-agent');
  const [installed, whole] = [`${tree.root}-installed`, `${tree.root}-whole`];
  await copyTree(tree.root, installed);
  await run(['install', '--root', installed]);
  await copyTree(installed, whole);
  await run(['uninstall', '--root', whole]);
  const taken = snapshot(whole);
  const steps = await stepsOf('uninstall', installed);
  assert.ok(steps.length > 40, `${steps.length} steps`);
  await forEachKilled(everyTwelfth(steps, 0), 'uninstall', installed, async (step, killed) => {
    assert.is((await run(['uninstall', '--root', killed])).exitCode, 0);
    assert.equal(differences(taken, snapshot(killed)), [], `after a kill at step ${step}`);
    await removeTrees(killed);
  });
  await removeTrees(tree.root, installed, whole);
});

test.run();

/** In `npm test`, every twelfth step from number `from`; in the rest of `npm run test:all`, the other steps. */
function everyTwelfth(steps: readonly number[], from: number): number[] {
  return steps.filter((_, index) => SHARE === 'all' || (index % 12 === from) === (SHARE === 'quick'));
}

const killer = ['--import', './test/install/kill-at.mjs'];

/** The numbers of a run's steps that change the state of the file system. */
async function stepsOf(verb: string, root: string): Promise<number[]> {
  const [copy, list] = [`${root}-steps`, `${root}-steps.json`];
  await copyTree(root, copy);
  const env = { WATCH: copy, STEPS_TO: list };
  assert.is((await run([verb, '--root', copy], { node: killer, env })).exitCode, 0);
  const steps = JSON.parse(await readFile(list, 'utf8'));
  await removeTrees(copy, list);
  return steps;
}

/** The number of steps that a run tests: the run copies the state at each step, and is killed at the last step. */
const STEPS_OF_A_RUN = 8;

/** Runs `work` on the state that a kill at each step leaves, on all processors at once. `work` removes the state. */
async function forEachKilled(
  steps: readonly number[],
  verb: string,
  root: string,
  work: (step: number, killed: string) => Promise<void>,
): Promise<void> {
  const runs = Array.from({ length: Math.ceil(steps.length / STEPS_OF_A_RUN) }, (_, index) =>
    steps.slice(index * STEPS_OF_A_RUN, (index + 1) * STEPS_OF_A_RUN),
  );
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let part = runs.shift(); part !== undefined; part = runs.shift()) {
        const last = part.at(-1) as number;
        const killed = `${root}-killed-${last}`;
        await copyTree(root, killed);
        await killAt(last, part.slice(0, -1), verb, killed);
        for (const step of part) await work(step, step === last ? killed : `${killed}-${step}`);
      }
    }),
  );
}

async function killAt(step: number, copyAt: readonly number[], verb: string, tree: string): Promise<void> {
  const env = { KILL_AT: String(step), COPY_AT: copyAt.join(','), TREE: tree };
  const { signal } = await run([verb, '--root', tree], { node: killer, env });
  assert.is(signal, 'SIGKILL', `step ${step}`);
}

async function copyTree(from: string, to: string): Promise<void> {
  await execa('cp', ['--archive', from, to]);
}

async function removeTrees(...roots: string[]): Promise<void> {
  for (const root of roots) await rm(root, { recursive: true });
}
