import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readPack } from '../evaluate/rule-pack/pack.ts';
import { PROJECT_KEY } from '../evaluate/rule-pack/public-key.ts';

/** The texts of the repository that name its version. */
export interface VersionTexts {
  readonly packageJson: string;
  readonly packageLock: string;
  readonly changelog: string;
  /** galaxy.yml of the Ansible collection. */
  readonly galaxy: string;
  /** Documents by path. */
  readonly docs: ReadonlyMap<string, string>;
}

/** The places that contradict the version of package.json. */
export function versionProblems({
  packageJson,
  packageLock,
  changelog,
  galaxy,
  docs,
}: VersionTexts): string[] {
  const { version } = JSON.parse(packageJson);
  const lock = JSON.parse(packageLock);
  const locked = [lock.version, lock.packages?.['']?.version].find((each) => each !== version);
  return [
    ...(locked === undefined
      ? []
      : [`package-lock.json has version ${locked}, package.json ${version}: run npm install`]),
    ...changelogProblems(changelog, version),
    ...(new RegExp(`^version: ${escaped(version)}$`, 'm').test(galaxy)
      ? []
      : [`packaging/ansible/galaxy.yml does not have the line "version: ${version}"`]),
    ...[...docs].flatMap(([path, text]) => olderNames(path, text, version)),
  ];
}

function changelogProblems(changelog: string, version: string): string[] {
  const [, first = 'nothing'] = /^## (.*)$/m.exec(changelog) ?? [];
  const [name, date] = first.split(/ - | \(/);
  if (name?.replace(/[[\]]/g, '') === version && /^\d{4}-\d\d-\d\d/.test(date ?? '')) return [];
  return [
    `CHANGELOG.md begins with "${first}": write "## ${version} - ${today()}" above the released changes`,
  ];
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** A message for each package name that contains another version. */
const olderNames = (path: string, text: string, version: string): string[] =>
  [...text.matchAll(/riposte(?:-nodejs)?[_-](\d+\.\d+\.\d+)(?=[_-])/g)]
    .filter(([, named]) => named !== version)
    .map(([name]) => `${path} names ${name}, but the version is ${version}`);

/** A file that a run has made. */
export interface Made {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The files of a directory, by name. */
export const madeIn = (directory: string): Made[] =>
  readdirSync(directory)
    .sort()
    .map((name) => {
      const content = readFileSync(join(directory, name));
      return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
    });

/** The files that two runs have made differently, or that only one of them has made. */
export function reproductionProblems(first: readonly Made[], second: readonly Made[]): string[] {
  const names = new Set([...first, ...second].map(({ name }) => name));
  const sumIn = (made: readonly Made[], wanted: string) => made.find(({ name }) => name === wanted)?.sha256;
  return [...names]
    .filter((name) => sumIn(first, name) !== sumIn(second, name))
    .map((name) => `${name}: the two runs differ in this file`);
}

/**
 * The packages of npm that the notices do not name.
 *
 * @param files the files below node_modules that the program contains
 */
export const noticeProblems = (notices: string, files: readonly string[]): string[] =>
  [...new Set(files.map((file) => PACKAGE.exec(file)?.[1] ?? file))]
    .filter((name) => !new RegExp(`^${escaped(name)} \\d`, 'm').test(notices))
    .map((name) => `THIRD-PARTY-NOTICES.txt does not name ${name}, which the program contains`);

const PACKAGE = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The reasons why a pack of rules cannot be published. @param version this program's version */
export function packProblems(file: string, version: string): string[] {
  try {
    const { isSigned } = readPack(readFileSync(file), basename(file), version, [PROJECT_KEY]);
    return isSigned ? [] : [`${basename(file)} is not signed: RIPOSTE_RULES_KEY must name the private key`];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
