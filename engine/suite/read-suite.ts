import { configError } from '../failure.ts';

/** A line of a suite and what is expected of it. Texts are bytes (latin1). */
export interface Case {
  file: string;
  line: number;
  section: string;
  /** As in the file: `log 1 pass`. */
  name: string;
  log: string;
  rule: string;
  level: string;
  decoder: string;
  /** False for a `fail` line: one of rule, level and decoder must differ. */
  passes: boolean;
}

/** Lines that belong together, each at its time, and the alerts that they are to raise. */
export interface Sequence {
  file: string;
  line: number;
  section: string;
  steps: { seconds: number; log: string }[];
  /** The rules of all alerts, in their order. */
  alerts: string[];
}

export interface Suite {
  cases: Case[];
  sequences: Sequence[];
}

interface Section {
  name: string;
  line: number;
  entries: Map<string, { value: string; line: number }>;
}

/**
 * Reads a suite of test lines: sections with `log N pass = LINE` and `log N fail = LINE`, and the `rule`,
 * `alert` (level) and `decoder` that they are about. A section with `at SECONDS = LINE` entries is a
 * sequence; its `alerts` are rule ids, parted by spaces, in the order in which they are raised.
 *
 * @throws RiposteError (CONFIG) with file and line for what is none of these
 */
export function readSuite(text: string, file: string): Suite {
  const suite: Suite = { cases: [], sequences: [] };
  for (const section of merged(sectionsOf(text, file))) {
    const steps = [...section.entries].filter(([name]) => name.startsWith('at '));
    if (steps.length > 0) suite.sequences.push(sequenceOf(section, steps, file));
    else suite.cases.push(...casesOf(section, file));
  }
  return suite;
}

function* sectionsOf(text: string, file: string): Generator<Section> {
  let section: Section | undefined;
  let last: { value: string } | undefined;
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    if (raw.trim() === '' || /^[#;]/.test(raw)) continue;
    const heading = /^\[([^\]]+)\]/.exec(raw);
    const entry = /^([^:=\s][^:=]*?)\s*[:=]\s*(.*)$/.exec(raw);
    if (heading) {
      if (section) yield section;
      section = { name: heading[1] ?? '', line, entries: new Map() };
      last = undefined;
    } else if (/^\s/.test(raw) && last) {
      last.value += `\n${raw.trim()}`;
    } else if (entry && section) {
      const [, name = '', value = ''] = entry;
      last = { value: value.trimEnd() };
      section.entries.set(name.toLowerCase(), Object.assign(last, { line }));
    } else {
      throw configError({ file, line }, `'${raw.slice(0, 40)}' is neither a [section] nor a name = value`);
    }
  }
  if (section) yield section;
}

/** Sections of one name are one, where a later entry replaces an earlier: OSSEC reads them with ConfigParser. */
function merged(sections: Iterable<Section>): Iterable<Section> {
  const byName = new Map<string, Section>();
  for (const section of sections) {
    const known = byName.get(section.name);
    if (!known) byName.set(section.name, section);
    else for (const [name, entry] of section.entries) known.entries.set(name, entry);
  }
  return byName.values();
}

function casesOf({ name: section, line, entries }: Section, file: string): Case[] {
  const expected = (name: string) => {
    const entry = entries.get(name);
    if (!entry) throw configError({ file, line }, `section '${section}' has no ${name}`);
    return entry.value;
  };
  const [rule, level, decoder] = [expected('rule'), expected('alert'), expected('decoder')];
  return [...entries]
    .filter(([name]) => name.startsWith('log '))
    .map(([name, { value: log, line: at }]) => {
      return { file, line: at, section, name, log, rule, level, decoder, passes: !name.endsWith('fail') };
    });
}

function sequenceOf(
  { name: section, line, entries }: Section,
  steps: [string, { value: string; line: number }][],
  file: string,
): Sequence {
  return {
    file,
    line,
    section,
    alerts: (entries.get('alerts')?.value ?? '').split(/\s+/).filter(Boolean),
    steps: steps.map(([name, { value, line: at }]) => {
      const seconds = Number(name.slice(3).split(' ')[0]);
      if (!Number.isFinite(seconds)) throw configError({ file, line: at }, `'${name}' names no time in seconds`);
      return { seconds, log: value };
    }),
  };
}
