import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { byName, readDirectory, readSource } from '../../engine/ruleset/files.ts';
import { attribute, type Element } from '../../engine/xml/element.ts';
import { rulesetEntries } from './conf.ts';
import type { Examination } from './examination.ts';
import { ruleIdsIn } from './our-rules.ts';

/** The files of rules or decoders that the manager loads, in their order. */
export interface Loaded {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Those that ossec.conf names and that are not there. */
  readonly missing: readonly string[];
}

/** The rules' files. */
export function rulesLoaded(examined: Examination): Loaded {
  const entries = rulesetEntries(examined.conf, ['include', 'rule', 'rule_include', 'rule_dir']);
  const { home, dialect } = examined;
  // OSSEC reads a bare name below rules/, and any other path below its home.
  const place = (path: string) =>
    dialect === 'ossec' && !path.includes('/') ? join(home.root, 'rules', path) : join(home.root, path);
  return loaded(entries, place, examined, 'ruleset/rules');
}

/** The decoders' files; OSSEC takes its two by itself when none is named. */
export function decodersLoaded(examined: Examination): Loaded {
  const entries = rulesetEntries(examined.conf, ['decoder', 'decoder_include', 'decoder_dir']);
  const { home } = examined;
  if (entries.length > 0 || examined.dialect === 'wazuh')
    return loaded(entries, (path) => join(home.root, path), examined, 'ruleset/decoders');
  const usual = ['etc/decoder.xml', 'etc/local_decoder.xml'].map((path) => join(home.root, path));
  return { files: usual.filter((file) => existsSync(file)), missing: [] };
}

/** The ids of all rules that are loaded; `isComplete` is false when a file of them is not there. */
export function loadedRules(examined: Examination): { ids: ReadonlySet<string>; isComplete: boolean } {
  const { files, missing } = rulesLoaded(examined);
  const ids = files.flatMap((file) => ruleIdsIn(readSource(file).text));
  return { ids: new Set(ids), isComplete: missing.length === 0 };
}

/** @param usual the directory that Wazuh reads when ossec.conf names none */
function loaded(
  entries: readonly Element[],
  place: (path: string) => string,
  { conf, home, dialect }: Examination,
  usual: string,
): Loaded {
  const excluded = new Set(
    rulesetEntries(conf, ['rule_exclude', 'decoder_exclude']).map(({ text }) => basename(text.trim())),
  );
  const files: string[] = [];
  const addDirectory = (path: string, pattern?: string) => {
    const known = new Set(files.map((file) => basename(file)));
    const found = readDirectory(join(home.root, path), pattern).map(({ file }) => file);
    files.push(...found.filter((file) => !known.has(basename(file)) && !excluded.has(basename(file))));
  };
  for (const entry of entries) {
    const path = entry.text.trim();
    if (entry.name.endsWith('_dir')) addDirectory(path, attribute(entry, 'pattern'));
    else files.push(place(path));
  }
  if (dialect === 'wazuh') {
    if (!entries.some(({ name }) => name.endsWith('_dir'))) addDirectory(usual);
    files.sort(byName);
  }
  return {
    files: files.filter((file) => existsSync(file)),
    missing: files.filter((file) => !existsSync(file)),
  };
}
