import { EX, RiposteError } from '../../base/errors.ts';
import { readXml } from '../../engine/xml/read-xml.ts';
import { commandsAndResponses, logFileSection } from './additions.ts';
import { commandLines, type Dependent, dependentsOn } from './dependents.ts';
import { type Insertion, placesOfBlocks, withBlocks, withoutBlocks } from './marked-blocks.ts';
import type { Needs } from './needs.ts';
import { rulesetInsertions } from './ruleset-section.ts';

/**
 * Adds Riposte's parts to an ossec.conf, between marker comments; every other byte stays. Replaces the parts of an
 * earlier installation.
 *
 * @param text the file's bytes (latin1) @param file for messages
 * @param discardsEdits also replaces parts that were edited between the markers
 * @param onKept gets the administrator's responses whose command stays although Riposte no longer needs it
 * @throws RiposteError (CONFIG) for XML that the manager could not read, and for an edited part
 */
export function withRiposte(
  text: string,
  file: string,
  needs: Needs,
  discardsEdits = false,
  onKept: (dependents: readonly Dependent[]) => void = () => {},
): string {
  const own = withoutRiposte(text, file, discardsEdits);
  const places = placesOfBlocks(text, file);
  const roots = readXml(own, file, needs.manager.kind).filter(({ name }) => name === 'ossec_config');
  if (roots.length === 0)
    throw new RiposteError(EX.CONFIG, `${file} has no <ossec_config>: this is not a manager's configuration`);
  const sections = roots.flatMap(({ children }) => children);
  const analyses = needs.manager.role !== 'agent';
  const ruleset = analyses ? rulesetInsertions(sections, file, needs) : [];
  const rootOf = (lines: readonly string[]): Insertion[] => {
    const name = analyses ? 'responses' : 'agent';
    // Responses below may use our commands, so our root element stays where it was.
    const at = places.get(name) ?? places.get(KEPT_COMMANDS) ?? own.length;
    return lines.length === 0 ? [] : [{ name, at, lines: ['<ossec_config>', ...lines, '</ossec_config>'] }];
  };
  const lines = [
    ...(analyses ? commandsAndResponses(sections, needs) : []),
    ...logFileSection(sections, needs),
  ];
  const fresh = withBlocks(own, [...ruleset, ...rootOf(lines)]);
  const dependents = dependentsOn(text, fresh, file, needs.manager.kind);
  const kept = [...commandLines(dependents), ...lines];
  const added = dependents.length === 0 ? fresh : withBlocks(own, [...ruleset, ...rootOf(kept)]);
  if (dependents.length > 0) onKept(dependents);
  readXml(added, file, needs.manager.kind);
  return added;
}

/** Restores the ossec.conf from before `withRiposte`. @throws as `withRiposte` does */
export function withoutRiposte(text: string, file: string, discardsEdits = false): string {
  return withoutBlocks(text, file, discardsEdits);
}

/**
 * Like `withoutRiposte`, but keeps the commands that the administrator's responses need, between markers at the
 * position of our part.
 */
export function withCommandsOnly(
  text: string,
  dependents: readonly Dependent[],
  file: string,
  discardsEdits = false,
): string {
  const own = withoutBlocks(text, file, discardsEdits);
  const lines = ['<ossec_config>', ...commandLines(dependents), '</ossec_config>'];
  const places = placesOfBlocks(text, file);
  const at = places.get('responses') ?? places.get(KEPT_COMMANDS) ?? own.length;
  return withBlocks(own, [{ name: KEPT_COMMANDS, at, lines }]);
}

/** True for an ossec.conf that an uninstall with --keep-commands has left. */
export const hasKeptCommands = (text: string): boolean => text.includes(`riposte:begin ${KEPT_COMMANDS} `);

/** The part of ossec.conf that an uninstall leaves with --keep-commands. */
const KEPT_COMMANDS = 'commands';
