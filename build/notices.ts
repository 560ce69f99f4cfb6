import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { groupBy } from '../base/group-by.ts';

/** The name of the file with the licences of third-party packages, in dist/ and on a host with Riposte. */
export const NOTICES = 'THIRD-PARTY-NOTICES.txt';

/** The files of packages whose code a bundle contains. */
export function packageFilesIn({ outputs }: Metafile): string[] {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  return files.filter((file) => PACKAGE.test(file));
}

/** `node_modules/execa`, `node_modules/@kurkle/color`, and a package within another package's own node_modules. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Writes the licences of the packages of these files. @throws Error if a package has none */
export async function writeNotices(outdir: string, packageFiles: readonly string[]): Promise<string> {
  const file = join(outdir, NOTICES);
  await writeFile(file, noticesOf(packageFiles));
  return file;
}

/** @throws Error if a package names no licence, or has no file with its text */
export function noticesOf(packageFiles: readonly string[]): string {
  const packages = groupBy([...new Set(packageFiles)].sort(), (file) => PACKAGE.exec(file)?.[0] ?? '');
  const sections = [...packages].map(([directory, files]) => noticeOf(directory, files));
  return [INTRODUCTION, ...sections].join(`\n\n${'-'.repeat(79)}\n\n`).concat('\n');
}

const INTRODUCTION = "Riposte's built files hold code of the packages below, each under its own licence.";

function noticeOf(directory: string, files: readonly string[]): string {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const names = readdirSync(directory).filter((file) => LICENCE.test(file));
  if (typeof license !== 'string' || !names.some((file) => !/^notice/i.test(file)))
    throw new Error(
      `${name} ${version} in ${directory} has no licence text, or names no licence: do not bundle it`,
    );
  const texts = names.sort().map((file) => readFileSync(join(directory, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts, ...files.flatMap(copiedIn)].join('\n\n');
}

/** LICENSE, license.md, LICENCE.txt, LICENSE-MIT, COPYING, and the NOTICE of the Apache licence. */
const LICENCE = /^(?:licen[cs]e|copying|notice)(?:[-.]\w+)*$/i;

/**
 * The copyright notices within a file. The file may contain code from a package that nothing else names, as nodemailer
 * contains punycode.
 */
function copiedIn(file: string): string[] {
  const comments = readFileSync(file, 'utf8').match(/\/\*[\s\S]*?\*\//g) ?? [];
  return comments.filter((comment) => /copyright/i.test(comment)).map((comment) => `In ${file}:\n${comment}`);
}
