import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Host } from '../test/lab/host.ts';
import { DEBIAN_ARCHITECTURE, missingForPackages } from '../test/lab/packages.ts';
import { compare, type Kind, medianOf } from './measure.ts';
import { printTable } from './table.ts';

const ROUNDS = 41;
const RUNS = 4;

/**
 * Prints the sizes of the published packages, and the start times of the command with the package's Node and with this
 * host's Node.
 */
export async function packagesBench(): Promise<void> {
  const lacks = await missingForPackages({ rpm2cpio: 'rpm2cpio', cpio: 'cpio' });
  if (lacks !== undefined) {
    console.log(`\nPackages: needs ${lacks}`);
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'riposte-bench-'));
  try {
    const made = join(directory, 'made');
    const words = ['build/run-ts.mjs', 'packaging/package.ts', '--no-build', '--out', made];
    for (const name of [`${DEBIAN_ARCHITECTURE}.`, 'nodejs', 'tgz'])
      await execa(process.execPath, [...words, '--only', name], { stdin: 'ignore' });
    await printSizes(directory, made);
    await printStarts(join(directory, 'root'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Unpacks each package, and prints its size. The .deb with a Node goes into `root`, for the start times. */
async function printSizes(directory: string, made: string): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const name of readdirSync(made).sort()) {
    const root = join(directory, name.endsWith(`${DEBIAN_ARCHITECTURE}.deb`) ? 'root' : `root-of-${name}`);
    await execa('mkdir', [root]);
    await execa('sh', ['-c', UNPACK, 'sh', join(made, name), root]);
    const { stdout } = await execa('du', ['-s', '--apparent-size', '--block-size=1', root]);
    const node = statSync(join(root, 'usr/lib/riposte/node'), { throwIfNoEntry: false })?.size ?? 0;
    const installed = Number.parseInt(stdout, 10);
    rows.push([
      name,
      ...[statSync(join(made, name)).size, installed, installed - node].map((size) => size / 1e6),
    ]);
  }
  printTable('Packages (MB)', ['', 'file', 'installed', 'without its Node'], rows);
}

const UNPACK = `set -e
case $1 in
  *.deb) dpkg-deb -x "$1" "$2" ;;
  *.rpm) rpm2cpio "$1" | cpio -idm --quiet -D "$2" ;;
  *) tar -xzf "$1" -C "$2" ;;
esac`;

async function printStarts(root: string): Promise<void> {
  const host = await Host.create('bench');
  const own = join(root, 'usr/lib/riposte/node');
  const program = join(root, 'usr/lib/riposte/riposte.js');
  const times = (...words: string[]): Kind => ({
    host,
    runs: () => Array.from({ length: RUNS }, () => ({ words })),
  });
  const kinds = {
    'node -e 0, this host’s Node': times(process.execPath, '-e', '0'),
    'node -e 0, the package’s Node': times(own, '-e', '0'),
    'riposte --version, this host’s Node': times(process.execPath, program, '--version'),
    'riposte --version, the package’s Node': times(own, program, '--version'),
  };
  const rounds = await compare(ROUNDS, kinds);
  await host.remove();
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  const rows = names.map((kind, index) => {
    const beside = names[index < 2 ? 0 : 2] ?? kind;
    const ratio = (unit: 'cpu' | 'wall') =>
      medianOf(rounds, (round) => round[kind][unit] / round[beside][unit]);
    const cost = (unit: 'cpu' | 'wall') => medianOf(rounds, (round) => round[kind][unit]);
    return [kind, cost('cpu'), cost('wall'), `${ratio('cpu').toFixed(2)} x`, `${ratio('wall').toFixed(2)} x`];
  });
  const versions = await Promise.all([process.execPath, own].map((node) => execa(node, ['--version'])));
  const head = ['', 'CPU', 'wall', 'CPU / this host’s (goal: 1)', 'wall / this host’s (goal: 1)'];
  const [hosts = '', packages = ''] = versions.map(({ stdout }) => stdout);
  printTable(
    `Start of the command (ms; medians of ${ROUNDS - 1} rounds; this host’s Node ${hosts}, the package’s ${packages})`,
    head,
    rows,
  );
}
