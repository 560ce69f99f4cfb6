import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EX, RiposteError } from '../active-response/errors.ts';

/** Files by their path as below `dist`: `active-response/route-null.js`, `ossec/rules/riposte_scanners.xml`. */
export type CarriedFiles = Readonly<Record<string, string>>;

/** Put in by build/bundle-cli.ts, packed. */
declare const RIPOSTE_FILES: string | undefined;

let unpacked: CarriedFiles | undefined;

/**
 * What the built program carries in itself: the scripts, decoders, rules and fragments for each manager, and
 * the page of a report.
 * Run from the sources, the program reads them from `dist`.
 */
export function carriedFiles(): CarriedFiles {
  unpacked ??=
    typeof RIPOSTE_FILES === 'undefined'
      ? filesOfDist('dist')
      : JSON.parse(gunzipSync(Buffer.from(RIPOSTE_FILES, 'base64')).toString());
  return unpacked as CarriedFiles;
}

/**
 * Files as one short string. As they are they would be nearly half of the program, which Node reads and scans at
 * each start, also where nothing is installed.
 */
export function packed(files: CarriedFiles): string {
  return gzipSync(JSON.stringify(files), { level: 9 }).toString('base64');
}

/** One of them. @throws RiposteError (SOFTWARE) when there is none of that path */
export function carriedFile(path: string): string {
  const text = carriedFiles()[path];
  if (text === undefined) throw new RiposteError(EX.SOFTWARE, `${path} is not part of this program`);
  return text;
}

/** What of `dist` an installation and a report need. */
const PARTS = [
  'active-response',
  'modsec-exec.js',
  'ossec',
  'wazuh',
  'httpd.conf.d',
  'man',
  'completion',
  'report-page',
];

/** What has been built into a directory like `dist`. */
export function filesOfDist(dist: string): CarriedFiles {
  const paths = PARTS.flatMap((part) => filesAt(dist, part));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(dist, path), 'utf8')]));
}

function filesAt(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesAt(root, `${path}/${name}`));
}
