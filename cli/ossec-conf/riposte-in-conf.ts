import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Element } from '../../engine/xml/element.ts';
import { readXml } from '../../engine/xml/read-xml.ts';
import type { Manager } from '../manager/manager.ts';
import { commandsAndResponses, logFileSection } from './additions.ts';
import type { Choice } from './choice.ts';
import { type Insertion, withBlocks, withoutBlocks } from './marked-blocks.ts';
import { rulesetInsertions } from './ruleset-section.ts';

/** What the additions to ossec.conf depend on, besides ossec.conf. */
export interface Needs extends Choice {
  readonly manager: Pick<Manager, 'kind' | 'role'>;
  /** The manager's directory as its own programs see it, such as /var/ossec. */
  readonly home: string;
  /** The web server's logs that are on this host, by absolute path. */
  readonly logFiles: readonly string[];
  /** Whether etc/local_decoder.xml is there. */
  readonly hasLocalDecoder: boolean;
}

/**
 * An ossec.conf with what Riposte needs in it, between marker comments; the rest stays byte for byte. What an
 * earlier installation put in is replaced.
 *
 * @param text the file's bytes (latin1) @param file for messages
 * @param discardsEdits replaces also what somebody has changed between the markers
 * @throws RiposteError (CONFIG) for XML that the manager could not read, and for a part that somebody has edited
 */
export function withRiposte(text: string, file: string, needs: Needs, discardsEdits = false): string {
  const own = withoutRiposte(text, file, discardsEdits);
  const roots = readXml(own, file, needs.manager.kind).filter(({ name }) => name === 'ossec_config');
  if (roots.length === 0)
    throw new RiposteError(EX.CONFIG, `${file} has no <ossec_config>: this is no manager's configuration`);
  const sections = roots.flatMap(({ children }) => children);
  const analyses = needs.manager.role !== 'agent';
  const ruleset = analyses ? rulesetInsertions(sections, file, needs) : [];
  const added = withBlocks(own, [...ruleset, ...lastRoot(own, sections, needs, analyses)]);
  readXml(added, file, needs.manager.kind);
  return added;
}

/** The ossec.conf that was there before `withRiposte`. @throws as `withRiposte` does */
export function withoutRiposte(text: string, file: string, discardsEdits = false): string {
  return withoutBlocks(text, file, discardsEdits);
}

/** A root of our own at the end of the file: managers read several as one. */
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
