import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import type { Host } from '../lab/host.ts';
import { HostWithDisk } from '../lab/host-with-disk.ts';
import { Installation } from '../lab/installation.ts';
import { verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

/* The tests write decisions as crowdsec-custom-bouncer does. test/long/crowdsec.test.ts runs the real bouncer. */

const test = labSuite('a feed of CrowdSec', 'nft');
let disk: HostWithDisk;
let host: Host;
let at: Installation;
let data: string;

test.before.each(async () => {
  disk = await HostWithDisk.create();
  host = disk.asHost();
  at = await Installation.create(host);
  data = join(at.home, 'var');
  await disk.mountDisk(data, 'size=8m');
});
test.after.each(async () => {
  await disk.remove();
  await at.remove();
});

const line = (action: 'add' | 'del', value: string) =>
  JSON.stringify({
    action,
    duration: '4h0m0s',
    id: 1,
    origin: 'cscli',
    scenario: 'manual',
    scope: 'Ip',
    type: 'ban',
    value,
  });

/** Runs the feed with these lines as its input. @returns the feed's messages */
async function feed(lines: readonly string[]): Promise<string> {
  const words = [at.node, 'dist/riposte.js', 'feed', 'crowdsec', '--stdin', '--home', at.home];
  const [program, rest] = host.command(words);
  const { stdout, stderr, exitCode } = await execa(program, rest, {
    input: lines.map((each) => `${each}\n`).join(''),
    reject: false,
    env: { PATH },
  });
  assert.is(exitCode, 0, stderr);
  return `${stdout}\n${stderr}`;
}

const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => `198.18.${index >> 8}.${index & 255}`);

/** The addresses in the ledger. Fails unless the kernel blocks all of them. */
const inForce = async (): Promise<string[]> => {
  const [{ stdout }, listing] = [await verb(at, ['status', '--json']), await host.run('nft list ruleset')];
  const { blocks } = JSON.parse(String(stdout)) as { blocks: { address: string }[] };
  for (const { address } of blocks) assert.match(listing, address);
  return blocks.map(({ address }) => address).sort();
};

test('blocks at most MAX_IMPORTED addresses, says how many addresses it leaves out, and blocks again after a release', async () => {
  await at.write('etc/riposte.conf', 'MAX_IMPORTED=2\n');
  const [a = '', b = '', c = ''] = addresses(3);
  const said = await feed([a, b, c].map((each) => line('add', each)));
  assert.match(said, 'CrowdSec: 2 blocked, 0 released');
  assert.match(said, 'Riposte does not block 1 address, because MAX_IMPORTED is reached');
  assert.equal(await inForce(), [a, b]);
  assert.match(await feed([line('add', a), line('del', a), line('add', c)]), '1 released');
  assert.equal(await inForce(), [b, c]);
});

test('blocks 600 addresses when the disk is full, and records them as CrowdSec’s at the next sweep', async () => {
  const all = addresses(600);
  await disk.fill(data);
  assert.match(await feed(all.map((each) => line('add', each))), /no space left/);
  assert.equal(await inForce(), [...all].sort());
  await disk.free(data);
  const sweep = await verb(at, ['sweep']);
  assert.equal([sweep.exitCode, sweep.stderr], [0, '']);
  assert.equal(await inForce(), [...all].sort());
  const file = join(data, 'riposte/blocks/firewall-drop', `${all.at(-1)}.json`);
  const recorded = await host.run(`cat ${file}`);
  assert.equal(Object.keys(JSON.parse(recorded).origins), ['crowdsec']);
  await disk.fill(data);
  await feed(all.flatMap((each) => [line('add', each)]).concat(all.map((each) => line('del', each))));
  assert.equal(await inForce(), []);
});

test.run();
