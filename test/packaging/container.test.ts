import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { burst, visit } from '../lab/access-log.ts';
import { DebianRoot, missingForRoot } from '../lab/debian-root.ts';
import { ADDRESS } from '../lab/network.ts';
import { DEBIAN_ARCHITECTURE, makePackages, missingForPackages, removePackages } from '../lab/packages.ts';
import { eventually } from '../lab/server.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

/**
 * The container's start script and its package as the Containerfile combines them. No image can be fetched here, so the
 * tests use a read-only root of Debian 12 with a volume, and the capabilities of docs/container.md.
 */
const lacks = (await missingForPackages()) ?? (await missingForRoot('bookworm'));
const test = lacks === undefined ? labSuite('container', 'setpriv') : skippedSuite('container', lacks);
const LOG = '/var/log/nginx/access.log';
const START = '/usr/lib/riposte/container-start';
const CAPABILITIES = '-all,+net_admin,+dac_read_search';
let packages: string[] = [];
let debian: DebianRoot;

test.before(async () => {
  packages = await makePackages(['--only', `${DEBIAN_ARCHITECTURE}.deb`]);
});
test.after(() => removePackages(packages));
test.before.each(async () => {
  debian = await DebianRoot.create('bookworm');
  await debian.do('dpkg', '-i', await debian.bring(packages[0] ?? ''));
  await copyFile('packaging/container/start.sh', debian.path(START));
  await debian.write(LOG, '');
});
test.after.each(() => debian.remove());

/** Mounts the root as in a container: read-only except for the volume, /run, /tmp and the directory of the logs. */
async function containRoot({ hasVolume = true } = {}): Promise<void> {
  const { root, host } = debian;
  await host.run(`mount --bind ${root} ${root}`);
  await host.run(`mount -o remount,ro,bind ${root}`);
  const writable = ['tmp', 'run', 'var/log/nginx', ...(hasVolume ? ['var/lib/riposte'] : [])];
  for (const path of writable) await host.run(`mount -t tmpfs tmpfs ${root}/${path}`);
  await host.run(`mount -t proc proc ${root}/proc`);
  await host.start(['touch', debian.path(LOG)], {});
}

/** The command that runs the start script inside the root with these capabilities. */
const contained = (capabilities: string, ...words: string[]): string[] => [
  'setpriv',
  `--bounding-set=${capabilities}`,
  'chroot',
  debian.root,
  START,
  ...words,
];

test('blocks on the host, keeps its state in the volume, and restores the blocks', async () => {
  const { host } = debian;
  await containRoot();
  // chroot needs a further capability, which the start script must not need.
  const words = contained(`${CAPABILITIES},+sys_chroot`, 'serve', LOG);
  const start = () => {
    const [program, args] = host.command(words);
    const running = execa(program, args, {
      all: true,
      reject: false,
      stdin: 'ignore',
      env: { PATH },
      extendEnv: false,
    });
    let said = '';
    running.all.on('data', (bytes) => {
      said += bytes;
    });
    return { running, said: () => said };
  };
  const reads = (container: ReturnType<typeof start>) =>
    eventually('the server reads', async () => /riposte serve, started from/.test(container.said()), {
      orElse: container.said,
    });
  const isBlocked = async () => (await host.run('nft list ruleset')).includes(ADDRESS.attacker);
  const end = async ({ running }: ReturnType<typeof start>) => {
    running.kill('SIGTERM');
    await running;
  };

  const first = start();
  await reads(first);
  assert.match(first.said(), 'riposte container: not possible in a container: responses of OSSEC and Wazuh');
  assert.not.match(first.said(), 'is not a volume');
  await host.start(['tee', '-a', debian.path(LOG)], {
    input: visit(ADDRESS.visitor) + burst(ADDRESS.attacker, 40),
  });
  await eventually('the attacker is blocked', isBlocked, { orElse: first.said });
  await end(first);
  assert.ok(await isBlocked());

  await host.run('nft flush ruleset'); // as a reboot does
  const second = start();
  await reads(second);
  assert.ok(await isBlocked());
  await end(second);
});

test('names the missing options, and does not start without the capability to block', async () => {
  await containRoot({ hasVolume: false });
  const without = async (...words: string[]) => {
    const { exitCode, all } = await debian.host.start(contained('-all,+sys_chroot', ...words), {
      all: true,
      stdin: 'ignore',
    });
    return { exitCode, said: String(all) };
  };
  const refused = await without('serve', LOG);
  assert.is(refused.exitCode, 77);
  assert.match(refused.said, 'start it with --cap-add NET_ADMIN, or with serve --simulate');
  const readOnly = await without('serve', '--simulate', LOG);
  assert.is(readOnly.exitCode, 74);
  assert.match(readOnly.said, '/var/lib/riposte is not a volume');
  assert.match(readOnly.said, '/var/lib/riposte cannot be written: mount a volume there');
});

test('starts the server when not all blocks are restored', async () => {
  await debian.write('/usr/local/bin/riposte', '#!/bin/sh\n[ "$1" != restore ] || exit 75\necho "runs $*"\n');
  await chmod(debian.path('/usr/local/bin/riposte'), 0o755);
  await mkdir(debian.path('/var/lib/riposte/var/riposte/blocks'), { recursive: true });
  const { status, said } = await debian.run(START, 'serve', LOG);
  assert.match(said, 'riposte container: some blocks are not restored');
  assert.match(said, `runs serve ${LOG}`);
  assert.is(status, 0);
});

test('warns when the container has a network of its own', async () => {
  const { host } = debian;
  await host.run('ip link add eth0 type veth peer name other');
  await host.run('ip addr add 198.51.100.2/24 dev eth0');
  await host.run('ip link set other up');
  await host.run('ip link set eth0 up');
  await host.run('ip route add default via 198.51.100.1');
  const { said } = await debian.run(START, 'serve', '--status');
  assert.match(said, "this looks like a network of the container's own");
});

test.run();
