import { existsSync } from 'node:fs';
import { appendFile, readFile, rm } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { DebianRoot, missingForRoot } from '../lab/debian-root.ts';
import { ADDRESS } from '../lab/network.ts';
import { DEBIAN_ARCHITECTURE, makePackages, missingForPackages, removePackages } from '../lab/packages.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';

/** Installs the .rpm by Debian's rpm into a Debian without Node, because no other root file system is available. */
const lacks = (await missingForPackages()) ?? (await missingForRoot('bookworm'));
const test = lacks === undefined ? labSuite('rpm', 'rpm') : skippedSuite('rpm', lacks);
const packages: string[] = [];
let debian: DebianRoot;

test.before(async () => {
  for (const version of ['0.2.0', '0.2.1'])
    packages.push(...(await makePackages(['--only', `${DEBIAN_ARCHITECTURE}.rpm`, '--version', version])));
  debian = await DebianRoot.create('bookworm');
});
test.after(async () => {
  await debian?.remove();
  await removePackages(packages);
});

/** Runs rpm on the root. rpm does not know Debian's packages, so it cannot check the requirements of a package. */
async function rpm(...words: string[]): Promise<void> {
  const { exitCode, all } = await debian.host.start(['rpm', '--root', debian.root, '--nodeps', ...words], {
    all: true,
    stdin: 'ignore',
  });
  if (exitCode !== 0) throw new Error(`rpm ${words.join(' ')}: ${all}`);
}

test('installs, blocks, upgrades and removes, and keeps the settings', async () => {
  await rpm('-i', packages[0] ?? '');
  await debian.do('riposte', 'install', '--standalone');
  await debian.do('riposte', 'block', ADDRESS.attacker, '--for', '1d');
  const settings = debian.path('/etc/riposte/riposte.conf');
  await appendFile(settings, 'BLOCK_FOR=2d\n');
  const script = debian.path('/var/lib/riposte/active-response/bin/firewall-drop.js');
  await rm(script);
  await rpm('-U', packages[1] ?? '');
  assert.match(await readFile(script, 'utf8'), /^node=\/usr\/lib\/riposte\/node$/m);
  assert.match(await debian.do('riposte', 'status'), '1 blocked: 1 in force');
  await rpm('-e', 'riposte');
  assert.not.match(await debian.do('nft', 'list', 'ruleset'), ADDRESS.attacker);
  assert.not.ok(existsSync(script));
  assert.not.ok(existsSync(debian.path('/usr/lib/riposte')));
  assert.match(await readFile(settings, 'utf8'), 'BLOCK_FOR=2d');
});

test.run();
