import { DecoderIndex } from '../decoder/decoder-index.ts';
import { decoderTree } from '../decoder/decoder-tree.ts';
import { readDecoders } from '../decoder/read-decoders.ts';
import type { Dialect } from '../dialect.ts';
import type { List } from '../list/lookup.ts';
import { readRules } from '../rule/read-rules.ts';
import { type RuleTree, ruleTree } from '../rule/rule-tree.ts';

/** A file of decoders or rules; errors show its name. The text is its bytes as latin1. */
export interface Source {
  file: string;
  text: string;
}

/** All files of a ruleset, in reading order. */
export interface Sources {
  dialect: Dialect;
  decoders: Source[];
  rules: Source[];
  /** The lists that rules may name, by path. */
  lists: Map<string, List>;
  /** The lowest levels that are logged and mailed. */
  logLevel: number;
  mailLevel: number;
}

/** Decoders and rules, ready to evaluate lines. */
export interface Ruleset {
  dialect: Dialect;
  decoders: DecoderIndex;
  rules: RuleTree;
}

/** @throws RiposteError (CONFIG) with file and line of the first error */
export function loadRuleset(sources: Sources): Ruleset {
  const { dialect, lists, logLevel, mailLevel } = sources;
  const read = sources.decoders.flatMap(({ text, file }) => readDecoders(text, file, dialect));
  const decoders = decoderTree(read, dialect);
  const context = { dialect, lists, logLevel, mailLevel, decoderNames: decoders.names };
  const rules = sources.rules.flatMap(({ text, file }) => readRules(text, file, context));
  return { dialect, decoders: new DecoderIndex(decoders), rules: ruleTree(rules, dialect) };
}
