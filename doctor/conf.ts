import { existsSync } from 'node:fs';
import type { Dialect } from '../engine/dialect.ts';
import { readSource } from '../engine/ruleset/files.ts';
import type { Element } from '../engine/xml/element.ts';
import { readXml } from '../engine/xml/read-xml.ts';

/** An ossec.conf, or an agent.conf that the manager sent. */
export interface Conf {
  readonly file: string;
  /** The file's bytes as latin1. */
  readonly text: string;
  /** The children of its root elements; several roots count as one. */
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

/** All elements with this name, in document order. */
export const sections = (conf: Conf | undefined, name: string): Element[] =>
  (conf?.elements ?? []).filter((element) => element.name === name);

/** The text of an element's child. The last child with the name counts, as in the managers. */
export const textOf = (element: Element, name: string): string | undefined =>
  element.children.findLast((child) => child.name === name)?.text.trim();

/**
 * The entries in force that have these names, in `<rules>` (OSSEC) or `<ruleset>` (Wazuh). Each section overwrites the
 * list of the section before, so only the last section with any entries counts (Read_Rules of
 * src/config/rules-config.c, in both managers).
 */
export function rulesetEntries(conf: Conf | undefined, names: readonly string[]): Element[] {
  const all = [...sections(conf, 'rules'), ...sections(conf, 'ruleset')];
  const entries = all.map(({ children }) => children.filter(({ name }) => names.includes(name)));
  return entries.findLast((each) => each.length > 0) ?? [];
}

/** The element's position for a message: `line 42`. */
export const lineOf = ({ position }: Element): string => `line ${position.line}`;
