/**
 * npm run package: makes the packages for Debian, RPM distributions and npm, and the pack of rules, in dist/packages/.
 * RIPOSTE_RULES_KEY names the file of the private key that signs the pack.
 *
 *   --only NAME   make the packages whose name in `packages()` contains NAME: deb, rpm, tgz, amd64, nodejs, rules;
 *                 repeated, it makes the packages whose name contains all of them
 *   --quick       compress little, for tests
 *   --no-build    use the present dist/
 *   --version V   give the packages this version, for tests
 *   --out DIR     another directory
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import minimist from 'minimist';
import { commitTime } from '../build/commit.ts';
import type { PackageKind } from './contents.ts';
import { type Making, makeDeb } from './deb.ts';
import { makeNpmTarball } from './npm-tarball.ts';
import { ARCHITECTURES, type Architecture, ownNode } from './own-node.ts';
import { makeRpm } from './rpm.ts';
import { makeRulePack } from './rule-pack.ts';
import { runTool } from './tools.ts';

const given = minimist(process.argv.slice(2), {
  string: ['only', 'out', 'version'],
  boolean: ['quick', 'build'],
  default: { build: true },
});
const wanted = [given.only ?? []].flat() as string[];
const making: Making = {
  version: given.version ?? JSON.parse(readFileSync('package.json', 'utf8')).version,
  time: commitTime(),
  outdir: resolve(given.out ?? 'dist/packages'),
  isQuick: given.quick,
};

if (given.build) runTool(process.execPath, ['build/run-ts.mjs', 'build/build.ts']);
mkdirSync(making.outdir, { recursive: true });
for (const [name, make] of packages()) {
  if (wanted.length > 0 && !wanted.every((part) => name.includes(part))) continue;
  const file = make();
  console.log(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}

/** The packages: for each, the name with which --only is compared, and the function that makes it. */
function packages(): [string, () => string][] {
  const own = (architecture: Architecture): PackageKind => ({
    name: 'riposte',
    architecture,
    node: ownNode(architecture),
  });
  const hosts: PackageKind = { name: 'riposte-nodejs', architecture: 'all', node: undefined };
  return [
    ...ARCHITECTURES.flatMap((architecture): [string, () => string][] => [
      [`${architecture}.deb`, () => makeDeb(own(architecture), making)],
      [`${architecture}.rpm`, () => makeRpm(own(architecture), making)],
    ]),
    ['nodejs.deb', () => makeDeb(hosts, making)],
    ['nodejs.rpm', () => makeRpm(hosts, making)],
    ['npm.tgz', () => makeNpmTarball(making)],
    ['rules.json', () => makeRulePack(making, process.env.RIPOSTE_RULES_KEY)],
  ];
}
