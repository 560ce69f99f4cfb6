import { execa, execaSync } from 'execa';
import * as assert from 'uvu/assert';
import { unitText } from '../../install/units/serve-unit.ts';
import { Mounts } from '../lab/mounts.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('writes under the systemd unit', 'nft', 'ipset', 'iptables-legacy');

const HOME = '/opt/riposte';
const UNIT = unitText({ node: process.execPath, program: '/opt/riposte/bin/riposte', home: HOME });
const setting = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(UNIT)?.[1]?.split(' ') ?? [];

/** A host whose file system is read-only except for the paths that the unit names, as under ProtectSystem=strict. */
async function hostInSandbox(): Promise<Mounts> {
  const mounts = await Mounts.create();
  for (const place of ['/opt', '/run']) await mounts.run('mount', '-t', 'tmpfs', 'none', place);
  const own = setting('RuntimeDirectory').map((name) => `/run/${name}`);
  await mounts.run('mkdir', '-p', '/opt/legacy', ...own, `${HOME}/var/riposte`, `${HOME}/logs`);
  for (const family of ['iptables', 'ip6tables'])
    for (const what of ['', '-restore'])
      await mounts.run(
        'sh',
        '-c',
        `ln -s "$(command -v ${family}-legacy${what})" /opt/legacy/${family}${what}`,
      );
  const writable = [...own, ...setting('ReadWritePaths').map((path) => path.replace(/^-/, ''))];
  const script = `
    for path in "$@"; do [ ! -e "$path" ] || [ "$path" = /run ] || mount --bind "$path" "$path"; done
    case " $* " in *" /run "*) ;; *) mount -o remount,bind,ro /run ;; esac
    mount -o remount,bind,ro /opt
    mount -o remount,bind,ro /`;
  await mounts.run('sh', '-ec', script, 'sh', ...writable);
  return mounts;
}

/** False if the kernel lacks legacy iptables, as newer kernels may. */
const hasLegacyTables = !execaSync('unshare', ['--net', 'iptables-legacy', '-t', 'raw', '-S'], {
  reject: false,
}).failed;
if (!hasLegacyTables) console.log('skipped: legacy iptables: this kernel has none');

for (const [what, backend, path] of [
  ['nftables', 'nftables', PATH],
  ['ipset', 'ipset', PATH],
  ['ipset with legacy iptables, which lock a file', 'ipset', `/opt/legacy:${PATH}`],
] as const) {
  const testIt = path === PATH || hasLegacyTables ? test : test.skip;
  testIt(`blocks and unblocks by ${what}`, async () => {
    const mounts = await hostInSandbox();
    const script = `for verb in add delete; do dist/active-response/firewall-drop.js $verb - 203.0.113.7 --backend ${backend}; done`;
    const [program = '', ...words] = [...mounts.prefix, 'unshare', '--net', 'sh', '-ec', script];
    const env = { PATH: path, RIPOSTE_HOME: HOME };
    const { exitCode, all } = await execa(program, words, {
      all: true,
      reject: false,
      env,
      extendEnv: false,
    });
    await mounts.remove();
    assert.is(exitCode, 0, all);
    assert.match(all, `203.0.113.7: blocked: until deleted, offence 1, by ${backend}`);
    assert.match(all, '203.0.113.7: unblocked');
  });
}

test('cannot write to other paths', async () => {
  const mounts = await hostInSandbox();
  for (const path of ['/etc', HOME]) {
    const [program = '', ...words] = [...mounts.prefix, 'touch', `${path}/riposte-was-here`];
    const { exitCode, stderr } = await execa(program, words, { reject: false });
    assert.is(exitCode, 1, path);
    assert.match(stderr, 'Read-only file system');
  }
  await mounts.remove();
});

test.run();
