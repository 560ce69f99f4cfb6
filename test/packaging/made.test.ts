import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demandIntegrity } from '../../packaging/own-node.ts';
import { makePackages, missingForPackages, removePackages } from '../lab/packages.ts';
import { skippedSuite } from '../lab/suite.ts';

/** Tests the packages that npm run package makes. */
const lacks = await missingForPackages({
  lintian: 'lintian',
  rpmlint: 'rpmlint',
  rpm2cpio: 'rpm2cpio',
  cpio: 'cpio',
});
const test = lacks === undefined ? suite('packages') : skippedSuite('packages', lacks);
let packages: string[] = [];

test.before(async () => {
  packages = await makePackages([]);
});
test.after(() => removePackages(packages));

function packageOf(ending: string): string {
  const found = packages.find((file) => file.endsWith(ending));
  if (found === undefined) throw new Error(`no package ends with ${ending}`);
  return found;
}

test('makes all packages', () => {
  const names = packages.map((file) =>
    basename(file)
      .replace(/\d{8}\.\d{6}/, 'TIME')
      .replace(/\d+\.\d+\.\d+/, 'VERSION'),
  );
  assert.equal(names, [
    'riposte-VERSION-1.aarch64.rpm',
    'riposte-VERSION-1.x86_64.rpm',
    'riposte-VERSION.tgz',
    'riposte-nodejs-VERSION-1.noarch.rpm',
    'riposte-nodejs_VERSION_all.deb',
    'riposte-rules-TIME.json',
    'riposte_VERSION_amd64.deb',
    'riposte_VERSION_arm64.deb',
  ]);
});

test('makes packages of the same bytes when they are made again with another umask', async () => {
  const again = await makePackages([], '077');
  for (const [index, file] of packages.entries()) {
    const [first, second] = await Promise.all([readFile(file), readFile(again[index] ?? '')]);
    assert.ok(first.equals(second), basename(file));
  }
  await removePackages(again);
});

test('makes a .deb for which lintian reports no error', async () => {
  for (const ending of ['amd64.deb', 'all.deb']) {
    const { all } = await execa('lintian', ['--fail-on', 'none', packageOf(ending)], { all: true });
    assert.equal(
      String(all)
        .split('\n')
        .filter((line) => /^[EW]:/.test(line)),
      [],
    );
  }
});

test('makes .rpms for which rpmlint reports no error and no unexplained warning', async () => {
  const files = [packageOf('x86_64.rpm'), packageOf('noarch.rpm')];
  const words = ['--config', 'packaging/rpmlint.toml', ...files];
  const { all } = await execa('rpmlint', words, { all: true, reject: false });
  assert.match(String(all), '2 packages and 0 specfiles checked; 0 errors, 0 warnings');
});

/** The paths in a package, and each regular file's mode. */
async function filesOf(file: string, isRpm: boolean): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-unpacked-'));
  try {
    await execa('sh', [
      '-c',
      isRpm ? 'rpm2cpio "$1" | cpio -idm --quiet -D "$2"' : 'dpkg-deb -x "$1" "$2"',
      'sh',
      file,
      directory,
    ]);
    const found = await execa('find', [directory, '-not', '-type', 'd', '-printf', '%P %m %l\\n']);
    return found.stdout.split('\n').sort();
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('puts the same files into the .rpm as into the .deb, except files that only one format has', async () => {
  const debs: Record<string, string> = { 'x86_64.rpm': 'amd64.deb', 'noarch.rpm': 'all.deb' };
  for (const [rpm, deb] of Object.entries(debs)) {
    const [inRpm, inDeb] = await Promise.all([filesOf(packageOf(rpm), true), filesOf(packageOf(deb), false)]);
    const own = /lintian|changelog\.gz|copyright|LICENSE\.gz|zsh/;
    const shared = (files: string[]) => files.filter((path) => !own.test(path));
    assert.equal(shared(inRpm), shared(inDeb));
    assert.ok(shared(inDeb).length > 15);
    for (const example of ['prometheus/riposte.rules.yml', 'grafana/riposte.json'])
      assert.ok(
        shared(inDeb).some((path) => path.includes(`/examples/${example} `)),
        example,
      );
    assert.not([...inDeb, ...inRpm].some((path) => path.startsWith('usr/local')));
  }
});

test('has the settings as configuration files', async () => {
  const settings = ['/etc/riposte/riposte.allow', '/etc/riposte/riposte.mail'];
  const deb = await execa('dpkg-deb', ['-I', packageOf('amd64.deb'), 'conffiles']);
  assert.equal(deb.stdout.split('\n'), settings);
  const rpm = await execa('rpm', ['-qp', '--configfiles', packageOf('x86_64.rpm')]);
  assert.equal(rpm.stdout.split('\n'), settings);
});

test("has arm64's Node in the package for arm64", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-unpacked-'));
  await execa('dpkg-deb', ['-x', packageOf('arm64.deb'), directory]);
  const node = await readFile(join(directory, 'usr/lib/riposte/node'));
  assert.is(node.readUInt16LE(18), 183); // e_machine of ELF: EM_AARCH64
  await rm(directory, { recursive: true });
});

test('makes a tarball from which npx runs the command', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-npx-'));
  const words = [
    '--yes',
    '--offline',
    '--cache',
    directory,
    '--package',
    packageOf('.tgz'),
    'riposte',
    '--version',
  ];
  const { stdout } = await execa('npx', words, { cwd: directory, stdin: 'ignore' });
  assert.match(stdout, `Node ${process.versions.node}`);
  await rm(directory, { recursive: true });
});

test('refuses a Node that is not the pinned Node', () => {
  assert.throws(
    () => demandIntegrity('LICENSE', 'sha512-other'),
    /packaging\/node\.json demands sha512-other/,
  );
});

test.run();
