import type { Dialect } from '../../engine/dialect.ts';
import type { Element } from '../../engine/xml/element.ts';
import { readXml } from '../../engine/xml/read-xml.ts';
import { inBlocks } from './marked-blocks.ts';

/** An <active-response> of the administrator that uses a command of Riposte's part. */
export interface Dependent {
  /** Its line in ossec.conf. */
  readonly line: number;
  readonly command: string;
  /** The text of the <command>. */
  readonly text: string;
}

/**
 * The administrator's responses that use a command in Riposte's part of ossec.conf, if the new text lacks that command.
 *
 * @param text the present ossec.conf (latin1) @param wanted its new text
 */
export function dependentsOn(text: string, wanted: string, file: string, dialect: Dialect): Dependent[] {
  const isOurs = inBlocks(text, file);
  const present = sectionsOf(text, file, dialect);
  const left = new Set(named(sectionsOf(wanted, file, dialect), 'command', 'name').map(({ name }) => name));
  const commands = named(present, 'command', 'name').filter(({ element }) => isOurs(element.span.start));
  return named(present, 'active-response', 'command').flatMap(({ element, name }) => {
    const command = commands.find((each) => each.name === name);
    if (command === undefined || isOurs(element.span.start) || left.has(name)) return [];
    const { start, end } = command.element.span;
    return [{ line: element.position.line, command: name, text: text.slice(start, end) }];
  });
}

/** The lines of the commands, each once. */
export function commandLines(dependents: readonly Dependent[]): string[] {
  const texts = new Set(dependents.map(({ text }) => text));
  return [...texts].flatMap((text) => `  ${text}`.split(/\r?\n/));
}

/** `ossec.conf:120 (route-null), ossec.conf:131 (apache-deny)`. */
export const linesOfDependents = (dependents: readonly Dependent[], file: string): string =>
  dependents.map(({ line, command }) => `${file}:${line} (${command})`).join(', ');

const sectionsOf = (text: string, file: string, dialect: Dialect): Element[] =>
  readXml(text, file, dialect)
    .filter(({ name }) => name === 'ossec_config')
    .flatMap(({ children }) => children);

const named = (sections: readonly Element[], section: string, child: string) =>
  sections
    .filter(({ name }) => name === section)
    .flatMap((element) => {
      const name = element.children.findLast((each) => each.name === child)?.text.trim();
      return name === undefined ? [] : [{ element, name }];
    });
