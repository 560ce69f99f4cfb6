import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { byName, readDirectory, readSource } from '../engine/ruleset/files.ts';
import { attribute, type Element } from '../engine/xml/element.ts';
import { rulesetEntries } from './conf.ts';
import type { Examination } from './examination.ts';
import { ruleIdsIn } from './our-rules.ts';

/** The files of rules or decoders that the manager loads, in load order. */
export interface Loaded {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Files that ossec.conf names but that do not exist. */
  readonly missing: readonly string[];
}

/** The files of rules that the manager loads. */
export function rulesLoaded(examined: Examination): Loaded {
  const entries = rulesetEntries(examined.conf, ['include', 'rule', 'rule_include', 'rule_dir']);
  const { home, dialect } = examined;
  // OSSEC reads a bare name below rules/, and any other path below its home.
  const pathOf = (path: string) =>
    dialect === 'ossec' && !path.includes('/') ? join(home.root, 'rules', path) : join(home.root, path);
  return loaded(entries, pathOf, examined, 'ruleset/rules');
}

/** The files of decoders that the manager loads. If ossec.conf names none, OSSEC loads its own two. */
export function decodersLoaded(examined: Examination): Loaded {
  const entries = rulesetEntries(examined.conf, ['decoder', 'decoder_include', 'decoder_dir']);
  const { home } = examined;
  if (entries.length > 0 || examined.dialect === 'wazuh')
    return loaded(entries, (path) => join(home.root, path), examined, 'ruleset/decoders');
  const usual = ['etc/decoder.xml', 'etc/local_decoder.xml'].map((path) => join(home.root, path));
  return { files: usual.filter((file) => existsSync(file)), missing: [] };
}

/** The ids of all loaded rules; `isComplete` is false if one of the named files does not exist. */
export function loadedRules(examined: Examination): { ids: ReadonlySet<string>; isComplete: boolean } {
  const { files, missing } = rulesLoaded(examined);
  const ids = files.flatMap((file) => ruleIdsIn(readSource(file).text));
  return { ids: new Set(ids), isComplete: missing.length === 0 };
}

/** @param usual the directory that Wazuh reads if ossec.conf names none */
function loaded(
  entries: readonly Element[],
  pathOf: (path: string) => string,
  { conf, home, dialect }: Examination,
  usual: string,
): Loaded {
  const excluded = new Set(
    rulesetEntries(conf, ['rule_exclude', 'decoder_exclude']).map(({ text }) => basename(text.trim())),
  );
  const files: string[] = [];
  const addDirectory = (path: string, pattern?: string) => {
    const known = new Set(files.map((file) => basename(file)));
    const inside = readDirectory(join(home.root, path), pattern).map(({ file }) => file);
    files.push(...inside.filter((file) => !known.has(basename(file)) && !excluded.has(basename(file))));
  };
  for (const entry of entries) {
    const path = entry.text.trim();
    if (entry.name.endsWith('_dir')) addDirectory(path, attribute(entry, 'pattern'));
    else files.push(pathOf(path));
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
