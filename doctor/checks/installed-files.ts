import { join } from 'node:path';
import { lstatIfThere, readBytesIfThere } from '../../base/files.ts';
import { readManifest, sha256 } from '../../install/manifest.ts';
import { orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that the files of the installation exist, and are as the installation made them. */
export const installedFiles: Check = ({ home, root, isRoot }) => {
  const files = Object.entries((isRoot ? readManifest(home) : undefined)?.files ?? {});
  if (files.length === 0) return [];
  const at = (name: string) => (root === '/' ? name : join(root, name));
  const gone = files.filter(([name]) => lstatIfThere(at(name)) === undefined).map(([name]) => name);
  const edited = files.filter(([name, hashes]) => isEdited(at(name), hashes)).map(([name]) => name);
  const install = `riposte install --home ${home.root}`;
  const wrong = [
    ...gone.map((name) => problem(`${name} was installed, but is missing now`, `${install} puts it back`)),
    ...edited.map((name) =>
      warning(
        `${name} was edited since it was installed`,
        `${install} puts it back, and keeps your edit beside it; write your own rules into another file`,
      ),
    ),
  ];
  return orOk(wrong, `${files.length} files are as they were installed`);
};

function isEdited(path: string, hashes: readonly string[]): boolean {
  const bytes = readBytesIfThere(path);
  return bytes !== undefined && !hashes.includes(sha256(bytes));
}
