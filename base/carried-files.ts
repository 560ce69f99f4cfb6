import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from './errors.ts';
import { oncePerPack, packFile } from './pack-overlay.ts';
import { unpacked } from './packed.ts';

/** Files by their path below `dist`: `active-response/route-null.js`, `ossec/rules/riposte_scanners.xml`. */
export type CarriedFiles = Readonly<Record<string, string>>;

/** Set by build/bundle-cli.ts, compressed. */
declare const RIPOSTE_FILES: string | undefined;

let own: CarriedFiles | undefined;

/** Returns the files that the built program carries. A program that runs from its sources reads them from `dist`. */
function ownFiles(): CarriedFiles {
  own ??=
    typeof RIPOSTE_FILES === 'undefined' ? filesOfDist('dist') : (unpacked(RIPOSTE_FILES) as CarriedFiles);
  return own;
}

/**
 * Returns the carried files: scripts, decoders, rules and fragments for each manager, and the report's page. If a pack
 * of rules is in force, its files replace the program's own.
 */
export const carriedFiles: () => CarriedFiles = oncePerPack(() =>
  Object.fromEntries(Object.entries(ownFiles()).map(([path, text]) => [path, packFile(path) ?? text])),
);

/** True for a file that a pack of rules may replace: a manager's rules and decoders. */
export const isOfRulePack = (path: string): boolean =>
  /^(?:ossec|wazuh)\//.test(path) && !path.includes('/ossec.conf.d/');

/** Returns one carried file. @throws RiposteError (SOFTWARE) when no file has that path */
export function carriedFile(path: string): string {
  const text = carriedFiles()[path];
  if (text === undefined) throw new RiposteError(EX.SOFTWARE, `${path} is not part of this program`);
  return text;
}

/** The parts of `dist` that an installation and a report need. */
const PARTS = [
  'active-response',
  'modsec-exec.js',
  'ossec',
  'wazuh',
  'wazuh5/pack.json',
  'httpd.conf.d',
  'fail2ban',
  'man',
  'completion',
  'report-page',
  'THIRD-PARTY-NOTICES.txt',
];

/** Reads the files of a built directory like `dist`. */
export function filesOfDist(dist: string): CarriedFiles {
  const paths = PARTS.flatMap((part) => filesAt(dist, part));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(dist, path), 'utf8')]));
}

function filesAt(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesAt(root, `${path}/${name}`));
}
