import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import { allOnOneHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { RunningDaemon } from '../lab/running-daemon.ts';
import { verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll, someOf } from '../runner/share.ts';

const ATTACKER = '198.51.100.7';

/** Files that may be in the place of a ledger entry. */
const DAMAGES: Record<string, (file: string) => Promise<unknown>> = {
  'an empty file': (file) => writeFile(file, ''),
  'half an entry': (file) => writeFile(file, '{"address":"198.51'),
  'the entry of another address': (file) =>
    writeFile(file, '{"address":"192.0.2.1","backend":"nftables","since":"x","until":null,"offence":1}'),
  'a huge file': (file) => execa('truncate', ['-s', '1500M', file]),
  'a pipe': (file) => execa('mkfifo', [file]),
  'a link to /dev/zero': (file) => symlink('/dev/zero', file),
  'a directory': (file) => mkdir(file),
};

const test = labSuite('damaged entries of the ledger', 'nft');
let host: Host;
let at: Installation;

allOnOneHost(test, (...made) => ([host, at] = made));
test.after.each(async () => {
  await host.start(['nft', 'flush', 'ruleset'], {});
});

const file = () => join(at.home, `var/riposte/blocks/firewall-drop/${ATTACKER}.json`);
const run = (command: 'add' | 'delete') => runWithArguments(at, 'firewall-drop', ossec(command, ATTACKER));
const inForce = () => host.run('nft list table inet riposte');

async function blockAndDamage(damage: (file: string) => Promise<unknown>): Promise<void> {
  assert.is((await run('add')).status, 0);
  await rm(file());
  await damage(file());
}

/** Asserts that the address is released, and that the damaged file is set aside. */
async function isReleased(): Promise<void> {
  assert.not.match(await inForce(), ATTACKER);
  assert.equal(await readdir(dirname(file())), []);
  const [aside] = await readdir(join(at.home, 'var/riposte/damaged/firewall-drop'));
  assert.match(aside ?? '', `${ATTACKER}.json.`);
}

const RELEASES: Record<string, () => Promise<{ said: string; status: number | undefined }>> = {
  delete: async () => {
    const { status, stdout, stderr } = await run('delete');
    return { status, said: stdout + stderr };
  },
  ...Object.fromEntries(
    [['unblock', ATTACKER], ['unblock', '--all'], ['allow', ATTACKER], ['sweep']].map((words) => [
      `riposte ${words.join(' ')}`,
      async () => {
        const { exitCode, stdout, stderr } = await verb(at, words);
        return { status: exitCode, said: `${stdout}${stderr}` };
      },
    ]),
  ),
};

for (const [index, [what, damage]] of Object.entries(DAMAGES).entries()) {
  for (const [name, release] of someOf(Object.entries(RELEASES), index))
    test(`${name} releases an address whose entry is ${what}, and reports the damaged file`, async () => {
      await blockAndDamage(damage);
      const { status, said } = await release();
      assert.is(status, 0, said);
      assert.match(
        said,
        new RegExp(`${ATTACKER}: unblocked: .*${ATTACKER}.json.*; it is in \\S+/damaged now`),
      );
      await isReleased();
      assert.match((await at.log()).at(-1) ?? '', ' unblocked: ');
    });

  const register = index === 0 ? test : leftToAll(test);
  register(`status names the entry, and a block replaces it, when the entry is ${what}`, async () => {
    await blockAndDamage(damage);
    const { exitCode, stdout } = await verb(at, ['status']);
    assert.is(exitCode, 1);
    assert.match(String(stdout), /damaged in the ledger:\n.*198\.51\.100\.7\.json/);
    const { status, stderr } = await run('add');
    assert.is(status, 0, stderr);
    assert.is((await at.ledger('firewall-drop', ATTACKER))?.address, ATTACKER);
    assert.match(await inForce(), ATTACKER);
  });
}

test('the daemon releases and blocks an address with a damaged entry as the script does', async () => {
  if (at.daemon) return;
  const daemon = await RunningDaemon.start(at.home, host);
  try {
    for (const damage of Object.values(DAMAGES)) {
      await blockAndDamage(damage);
      assert.is((await run('delete')).status, 0);
      await isReleased();
      await damage(file());
      assert.is((await run('add')).status, 0);
      assert.match(await inForce(), ATTACKER);
      assert.is((await run('delete')).status, 0);
    }
  } finally {
    await daemon.end();
  }
});

test('releases an address from the backend that holds it, even if riposte.conf names another backend', async () => {
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=ipset\n');
  await blockAndDamage((path) => writeFile(path, ''));
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=nftables\n');
  assert.is((await run('delete')).status, 0);
  assert.not.match(await host.run('ipset list riposte4'), ATTACKER);
});

test('the first sweep sets aside a file whose name is not an address, and the next sweep reports nothing', async () => {
  await mkdir(dirname(file()), { recursive: true });
  await writeFile(join(dirname(file()), 'notes.json'), 'remember the milk');
  const first = await verb(at, ['sweep']);
  assert.match(String(first.stderr), /notes\.json is damaged: it holds no block; it is in \S+\/damaged now/);
  const second = await verb(at, ['sweep']);
  assert.equal([second.exitCode, second.stdout, second.stderr], [0, '', '']);
});

test.run();
