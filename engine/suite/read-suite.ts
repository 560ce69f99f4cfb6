import { configError } from '../failure.ts';

/** A line of a suite and its expected result. Texts are bytes (latin1). */
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
  /** False for a `fail` line, which expects that the rule, the level or the decoder differs. */
  passes: boolean;
}

interface Section {
  name: string;
  line: number;
  entries: Map<string, { value: string; line: number }>;
}

/**
 * Reads an .ini suite of test lines, in OSSEC's own form (contrib/ossec-testing): sections with `log N pass = LINE`
 * and `log N fail = LINE`, and the `rule`, `alert` (level) and `decoder` that they expect.
 *
 * @throws RiposteError (CONFIG) with file and line for a line of another form
 */
export function readSuite(text: string, file: string): Case[] {
  return [...merged(sectionsOf(text, file))].flatMap((section) => casesOf(section, file));
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

/** Merges sections of one name; a later entry replaces an earlier one, as in Python's ConfigParser, which OSSEC uses. */
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
