import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDirectory, readListFile } from './files.ts';
import type { Source, Sources } from './ruleset.ts';

/**
 * The decoders, rules and lists in `ruleset/` of a source tree of Wazuh 4. Wazuh's ossec.conf names these files.
 *
 * @param isForSuites if true, rules read Windows events from JSON lines, as in Wazuh's own runner of its suites
 *   (ruleset/testing/runtests.py), because agents send these events in a form that no log line has
 */
export function sourcesOfWazuhCheckout(checkout: string, isForSuites: boolean): Sources {
  const ruleset = join(checkout, 'ruleset');
  const rules = readDirectory(join(ruleset, 'rules'));
  return {
    dialect: 'wazuh',
    decoders: readDirectory(join(ruleset, 'decoders')),
    rules: isForSuites ? rules.map(withWindowsFromJson) : rules,
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

function withWindowsFromJson({ file, text }: Source): Source {
  const windows = /<category>ossec<\/category>\s*<decoded_as>windows_eventchannel<\/decoded_as>/;
  return { file, text: text.replace(windows, '<decoded_as>json</decoded_as>') };
}

function listFiles(directory: string, below = ''): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    return entry.isDirectory() ? listFiles(directory, path) : path.endsWith('.cdb') ? [] : [path];
  });
}
