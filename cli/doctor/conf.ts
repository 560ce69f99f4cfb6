import { existsSync } from 'node:fs';
import type { Dialect } from '../../engine/dialect.ts';
import { readSource } from '../../engine/ruleset/files.ts';
import type { Element } from '../../engine/xml/element.ts';
import { readXml } from '../../engine/xml/read-xml.ts';

/** An ossec.conf, or an agent.conf that the manager has sent. */
export interface Conf {
  readonly file: string;
  /** Its bytes as latin1. */
  readonly text: string;
  /** What stands in its roots, several of which count as one. */
  readonly elements: readonly Element[];
}

/** @returns undefined when there is no such file. @throws RiposteError (CONFIG, IOERR) naming file and line */
export function readConf(file: string, dialect: Dialect): Conf | undefined {
  if (!existsSync(file)) return undefined;
  const { text } = readSource(file);
  const roots = readXml(text, file, dialect);
  const known = roots.filter(({ name }) => name === 'ossec_config' || name === 'agent_config');
  return { file, text, elements: known.flatMap(({ children }) => children) };
}

/** All elements of a name, in their order. */
export const sections = (conf: Conf | undefined, name: string): Element[] =>
  (conf?.elements ?? []).filter((element) => element.name === name);

/** The text of an element's child; the last of a name counts, as in the managers. */
export const textOf = (element: Element, name: string): string | undefined =>
  element.children.findLast((child) => child.name === name)?.text.trim();

/**
 * The entries of `<rules>` (OSSEC) or `<ruleset>` (Wazuh) of these names that count. Each section writes its
 * entries into the same list from the start, so only the last that has any is in force (Read_Rules of
 * src/config/rules-config.c, in both).
 */
export function rulesetEntries(conf: Conf | undefined, names: readonly string[]): Element[] {
  const all = [...sections(conf, 'rules'), ...sections(conf, 'ruleset')];
  const entries = all.map(({ children }) => children.filter(({ name }) => names.includes(name)));
  return entries.findLast((each) => each.length > 0) ?? [];
}

/** Where an element stands, for a message: `line 42`. */
export const lineOf = ({ place }: Element): string => `line ${place.line}`;
