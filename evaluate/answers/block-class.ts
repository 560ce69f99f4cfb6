import type { Block } from '../../active-response/ledger.ts';
import { isImported } from '../../active-response/lists.ts';
import { ANSWERS, UNANSWERED } from './answer-table.ts';

/** The classes of blocks that no rule of the tables explains. */
const OTHER_RULE = 'other-rule';
const LIST = 'list';
const PROGRAM = 'program';
const BY_HAND = 'by-hand';

/** The classes of rules, as `riposte rules` names them, with hyphens for spaces. */
const BY_RULE: ReadonlyMap<string, string> = new Map([
  ...ANSWERS.map(({ rule, class: name }) => [String(rule), name.replaceAll(' ', '-')] as const),
  ...UNANSWERED.map(({ rule }) => [String(rule), 'only-counted'] as const),
]);

/**
 * The classes of blocks: the classes of rules, then other rules, imported lists, other programs, and blocks by hand.
 */
export const BLOCK_CLASSES: readonly string[] = [
  ...new Set([...BY_RULE.values(), OTHER_RULE, LIST, PROGRAM, BY_HAND]),
];

/** The class of a block: the class of its rule if this host decided the block, else the kind of its origin. */
export function classOfBlock(block: Pick<Block, 'rule' | 'origins' | 'ownUntil'>): string {
  if (isImported(block)) return LIST;
  if (block.origins !== undefined && block.ownUntil === undefined) return PROGRAM;
  return classOfRule(block.rule);
}

/**
 * The class of a rule's blocks. A block without a rule was made by hand, because managers and servers name the rule.
 */
export const classOfRule = (rule: string | undefined): string =>
  rule === undefined ? BY_HAND : (BY_RULE.get(String(rule)) ?? OTHER_RULE);
