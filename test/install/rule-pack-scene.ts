import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesInForce } from '../../evaluate/rule-pack/own-files.ts';
import { PUBLIC, packOf } from '../evaluate/rule-pack/packs.ts';

/** A path that only the tests' pack lists as an attack. */
export const ATTACK = '/only-in-the-pack-of-the-tests.php';
const LIST = 'judgement/signatures/list/webshells.txt';
const RULES = 'rules/riposte_scanners.xml';

/** A pack's files: the files of dist/, with one more attack in a list and a comment in each copy of a rule file. */
export function newerFiles(): Record<string, string> {
  const files = Object.fromEntries(filesInForce());
  const changed = (path: string) => `${files[path]}<!-- newer -->\n`;
  return {
    ...files,
    [LIST]: `${files[LIST]}unmistakable  path  ${ATTACK}  a test  none\n`,
    [RULES]: changed(RULES),
    [`ossec/${RULES}`]: changed(`ossec/${RULES}`),
    [`wazuh/etc/${RULES}`]: changed(`wazuh/etc/${RULES}`),
  };
}

/** Writes a pack to a directory of its own, with the public key of the tests beside it. */
export async function packFile(
  files: Readonly<Record<string, string>> = newerFiles(),
  options: Parameters<typeof packOf>[1] = {},
): Promise<{ pack: string; key: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-pack-'));
  const [pack, key] = [join(directory, 'pack.json'), join(directory, 'key.pem')];
  await writeFile(pack, packOf(files, options));
  await writeFile(key, PUBLIC);
  return { pack, key };
}
