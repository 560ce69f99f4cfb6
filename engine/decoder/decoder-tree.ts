import type { Dialect } from '../dialect.ts';
import { configError } from '../failure.ts';
import type { Decoder, DecoderNode } from './decoder.ts';

/** The decoders of a ruleset, in the two lists that OSSEC keeps. */
export interface DecoderTree {
  /** Decoders with a program_name: only these are tried on lines with a program name. */
  withProgram: DecoderNode[];
  withoutProgram: DecoderNode[];
  /** The names that a rule's `decoded_as` may use. */
  names: Set<string>;
}

/** Names that exist without a decoder.xml: analysisd creates these decoders itself. */
const IN_BOTH = [
  'rootcheck',
  'syscheck_integrity_changed',
  'syscheck_new_entry',
  'syscheck_deleted',
  'hostinfo_new',
  'hostinfo_modified',
];
const BUILT_IN: Readonly<Record<Dialect, readonly string[]>> = {
  ossec: [...IN_BOTH, 'syscheck_integrity_changed_2nd', 'syscheck_integrity_changed_3rd'],
  wazuh: [
    ...IN_BOTH,
    ...['key', 'value'].flatMap((kind) =>
      ['modified', 'added', 'deleted'].map((change) => `syscheck_registry_${kind}_${change}`),
    ),
    'syscollector',
    'ciscat',
    'windows_eventchannel',
    'sca',
  ],
};

/**
 * Puts children under their parents.
 *
 * @param decoders in the order of the files
 * @throws RiposteError (CONFIG) for a parent that is not defined before its child
 */
export function decoderTree(decoders: Decoder[], dialect: Dialect): DecoderTree {
  const tree: DecoderTree = {
    withProgram: [],
    withoutProgram: [],
    names: new Set([...BUILT_IN[dialect], ...decoders.map(({ name }) => name)]),
  };
  for (const decoder of decoders) add(tree, decoder);
  for (const { decoder, children } of [...tree.withProgram, ...tree.withoutProgram]) {
    for (const child of children) if (!child.usesOwnName) child.name = decoder.name;
  }
  return tree;
}

function add(tree: DecoderTree, decoder: Decoder): void {
  if (decoder.parent === undefined) {
    const list = decoder.programName ? tree.withProgram : tree.withoutProgram;
    list.push({ decoder, children: [] });
    return;
  }
  const parents = [...tree.withProgram, ...tree.withoutProgram].filter(
    ({ decoder: { name } }) => name === decoder.parent,
  );
  if (parents.length === 0) {
    throw configError(
      decoder.position,
      `decoder '${decoder.name}' has a parent '${decoder.parent}', which is not defined`,
    );
  }
  for (const parent of parents) addChild(parent.children, decoder);
}

/** Adds a child. A child with the name of an earlier child continues where the earlier child stopped. */
function addChild(siblings: Decoder[], decoder: Decoder): void {
  const namesakes = siblings.filter(({ name }) => name === decoder.name);
  for (const namesake of namesakes) {
    const fail = (why: string) =>
      configError(
        decoder.position,
        `decoder '${decoder.name}' continues a decoder of the same name, but ${why}`,
      );
    if (decoder.prematch) throw fail('has a prematch of its own');
    if (decoder.fts.size > 0) throw fail('has fts');
    const reads = ({ regex, plugin }: Decoder) => regex !== undefined || plugin !== undefined;
    if (!reads(namesake) || !reads(decoder)) throw fail('one of the two has neither a regex nor a plugin');
    namesake.hasNext = true;
  }
  const continues = decoder.regexOffset !== 'start' && namesakes.length > 0;
  if (decoder.regexOffset === 'after_regex' && !continues) {
    throw configError(
      decoder.position,
      `decoder '${decoder.name}' has an offset after_regex, but no regex before it`,
    );
  }
  siblings.push(decoder);
}
