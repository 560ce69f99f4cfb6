import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDirectory, readListFile } from './files.ts';
import type { Sources } from './ruleset.ts';

/** The decoders, rules and lists in `ruleset/` of a source tree of Wazuh 4, which its ossec.conf names. */
export function sourcesOfWazuhCheckout(checkout: string): Sources {
  const ruleset = join(checkout, 'ruleset');
  return {
    dialect: 'wazuh',
    decoders: readDirectory(join(ruleset, 'decoders')),
    rules: readDirectory(join(ruleset, 'rules')),
    lists: new Map(
      listFiles(join(ruleset, 'lists')).map((path) => [
        `etc/lists/${path}`,
        readListFile(join(ruleset, 'lists', path)),
      ]),
    ),
    logLevel: 3,
    mailLevel: 12,
  };
}

function listFiles(directory: string, below = ''): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    return entry.isDirectory() ? listFiles(directory, path) : path.endsWith('.cdb') ? [] : [path];
  });
}
