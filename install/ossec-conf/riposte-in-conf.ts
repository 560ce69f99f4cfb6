import { EX, RiposteError } from '../../base/errors.ts';
import type { Element } from '../../engine/xml/element.ts';
import { readXml } from '../../engine/xml/read-xml.ts';
import { commandsAndResponses, logFileSection } from './additions.ts';
import { type Insertion, withBlocks, withoutBlocks } from './marked-blocks.ts';
import type { Needs } from './needs.ts';
import { rulesetInsertions } from './ruleset-section.ts';

/**
 * Adds Riposte's parts to an ossec.conf, between marker comments; every other byte stays. Replaces the parts of an
 * earlier installation.
 *
 * @param text the file's bytes (latin1) @param file for messages
 * @param discardsEdits also replaces parts that were edited between the markers
 * @throws RiposteError (CONFIG) for XML that the manager could not read, and for an edited part
 */
export function withRiposte(text: string, file: string, needs: Needs, discardsEdits = false): string {
  const own = withoutRiposte(text, file, discardsEdits);
  const roots = readXml(own, file, needs.manager.kind).filter(({ name }) => name === 'ossec_config');
  if (roots.length === 0)
    throw new RiposteError(EX.CONFIG, `${file} has no <ossec_config>: this is not a manager's configuration`);
  const sections = roots.flatMap(({ children }) => children);
  const analyses = needs.manager.role !== 'agent';
  const ruleset = analyses ? rulesetInsertions(sections, file, needs) : [];
  const added = withBlocks(own, [...ruleset, ...lastRoot(own, sections, needs, analyses)]);
  readXml(added, file, needs.manager.kind);
  return added;
}

/** Restores the ossec.conf from before `withRiposte`. @throws as `withRiposte` does */
export function withoutRiposte(text: string, file: string, discardsEdits = false): string {
  return withoutBlocks(text, file, discardsEdits);
}

/** A root element of our own at the end of the file: managers read several as one. */
function lastRoot(
  text: string,
  sections: readonly Element[],
  needs: Needs,
  analyses: boolean,
): readonly Insertion[] {
  const lines = [
    ...(analyses ? commandsAndResponses(sections, needs) : []),
    ...logFileSection(sections, needs),
  ];
  if (lines.length === 0) return [];
  const name = analyses ? 'responses' : 'agent';
  return [{ name, at: text.length, lines: ['<ossec_config>', ...lines, '</ossec_config>'] }];
}
