import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { desiredFiles, type RenderInput } from '../../install/desired-files.ts';
import { targetToInstall } from '../../install/install-target.ts';
import { NOTHING_CHOSEN } from '../../install/ossec-conf/choice.ts';
import { PACKAGED_NODE, PACKAGED_PROGRAM, PACKAGED_UNITS } from '../../install/package.ts';
import { units } from '../../packaging/contents.ts';
import { ManagerTree } from '../lab/manager-tree.ts';

/** Puts the relevant files of a package below a root with systemd. */
async function packageIn(root: string): Promise<void> {
  const files = { [PACKAGED_PROGRAM]: '', ...inUnits() };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(root, 'run/systemd/system'), { recursive: true });
}

const inUnits = () =>
  Object.fromEntries(Object.entries(units()).map(([unit, text]) => [join(PACKAGED_UNITS, unit), text]));

const INPUT: RenderInput = { ...NOTHING_CHOSEN, interpreter: PACKAGED_NODE, program: '', logLines: [] };

function pathsOf(root: string, isStandalone: boolean, input: RenderInput): string[] {
  const io = { env: {}, program: '' };
  const target = targetToInstall({ root, home: undefined, isStandalone }, io);
  const { files, links } = desiredFiles(target, input);
  return [...files, ...links].map(({ path }) => relative(target.root, path));
}

test('installs nothing that a package brings: units, command, manual page, completion, hook', async () => {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  await packageIn(root);
  const paths = pathsOf(root, true, INPUT);
  assert.equal(
    paths.filter((path) => path.startsWith('usr/') || path.startsWith('etc/systemd/')),
    [],
  );
  assert.ok(paths.includes('var/lib/riposte/homes/%2Fvar%2Flib%2Friposte'));
  await rm(root, { recursive: true });
});

test('writes a unit of its own where the package’s unit does not fit', async () => {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  await packageIn(root);
  const paths = pathsOf(root, true, { ...INPUT, isBehindProxy: true });
  assert.equal(
    paths.filter((path) => path.startsWith('etc/systemd/')),
    ['etc/systemd/system/riposte.service'],
  );
  await rm(root, { recursive: true });
});

test("writes the units of a manager's home, and links the home for the package", async () => {
  const tree = await ManagerTree.create('ossec-agent');
  await packageIn(tree.root);
  const paths = pathsOf(tree.root, false, INPUT);
  assert.ok(paths.includes('etc/systemd/system/riposte-respond.service'));
  assert.ok(paths.includes('etc/systemd/system/riposte-sweep.timer'));
  assert.ok(paths.includes('var/lib/riposte/homes/%2Fvar%2Fossec'));
  assert.equal(
    paths.filter((path) => path.startsWith('usr/') || path.includes('.wants/')),
    [],
  );
  await tree.remove();
});

test('installs command and unit beside a package when another Node is given', async () => {
  const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
  await packageIn(root);
  const paths = pathsOf(root, true, { ...INPUT, interpreter: '/opt/node/bin/node' });
  assert.ok(paths.includes('usr/local/bin/riposte'));
  assert.ok(paths.includes('etc/systemd/system/riposte.service'));
  await rm(root, { recursive: true });
});

test.run();
