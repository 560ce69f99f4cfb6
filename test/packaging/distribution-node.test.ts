import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { DebianRoot, missingForRoot } from '../lab/debian-root.ts';
import { ADDRESS } from '../lab/network.ts';
import { DEBIAN_ARCHITECTURE, makePackages, missingForPackages, removePackages } from '../lab/packages.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';

/** The package riposte-nodejs on a Debian whose own Node is new enough. */
const lacks = (await missingForPackages()) ?? (await missingForRoot('trixie'));
const test =
  lacks === undefined
    ? labSuite('riposte-nodejs on Debian 13')
    : skippedSuite('riposte-nodejs on Debian 13', lacks);
let packages: string[] = [];
let debian: DebianRoot;

test.before(async () => {
  packages = [
    ...(await makePackages(['--only', 'nodejs.deb'])),
    ...(await makePackages(['--only', `${DEBIAN_ARCHITECTURE}.deb`])),
  ];
});
test.after(() => removePackages(packages));
test.before.each(async () => {
  debian = await DebianRoot.create('trixie');
});
test.after.each(() => debian.remove());

const dpkg = async (index: number) => debian.do('dpkg', '-i', await debian.bring(packages[index] ?? ''));
const script = '/var/lib/riposte/active-response/bin/firewall-drop.js';

test("runs on the distribution's Node at the path that both packages use", async () => {
  await dpkg(0);
  assert.match(await debian.do('riposte', '--version'), /Node 20\./);
  await debian.do('riposte', 'install', '--standalone');
  assert.match(await readFile(debian.path(script), 'utf8'), /^node=\/usr\/lib\/riposte\/node$/m);
  assert.match(await debian.do('riposte', 'doctor'), 'of the package riposte-nodejs: it is /usr/bin/node');
  await debian.do('riposte', 'block', ADDRESS.attacker, '--for', '1d');
  await debian.do('dpkg', '--purge', 'riposte-nodejs');
  assert.not.match(await debian.do('nft', 'list', 'ruleset'), ADDRESS.attacker);
  assert.not.ok(existsSync(debian.path('/var/lib/riposte')));
});

test('keeps blocks and settings when riposte replaces riposte-nodejs, and when riposte-nodejs replaces riposte', async () => {
  await dpkg(0);
  await debian.do('riposte', 'install', '--standalone');
  await debian.do('riposte', 'block', ADDRESS.attacker, '--for', '1d');
  for (const [index, node] of [
    [1, /Node 24\./],
    [0, /Node 20\./],
  ] as const) {
    await dpkg(index);
    assert.match(await debian.do('riposte', '--version'), node);
    assert.match(await debian.do('riposte', 'status'), '1 blocked: 1 in force');
  }
  await debian.do('dpkg', '--purge', 'riposte'); // riposte-nodejs owns the conffiles now
  assert.ok(existsSync(debian.path('/etc/riposte/riposte.conf')));
  assert.match(await debian.do('riposte', 'status'), '1 blocked: 1 in force');
});

test.run();
