import { isImported } from '../../active-response/lists.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { BLOCK_CLASSES, classOfBlock } from '../../evaluate/answers/block-class.ts';
import type { BlockStatus, Status } from './gather.ts';

/** The blocks to show, as given by options. An empty list selects all. */
export interface StatusSelection {
  /** Names of lists. */
  readonly origins: readonly string[];
  /** Ids of rules. */
  readonly rules: readonly string[];
  /** Names of BLOCK_CLASSES. */
  readonly classes: readonly string[];
}

/** True when a selection has at least one condition. */
export const isSelective = ({ origins, rules, classes }: StatusSelection): boolean =>
  origins.length + rules.length + classes.length > 0;

/**
 * The part of a status with the selected blocks. A block that is not in the ledger, or whose entry is damaged, has
 * neither list nor rule nor class, so a selection leaves it out.
 *
 * @throws RiposteError (USAGE) for an unknown class
 */
export function select(status: Status, { origins, rules, classes }: StatusSelection): Status {
  if (!isSelective({ origins, rules, classes })) return status;
  demandClasses(classes);
  const isSelected = (block: BlockStatus) =>
    (origins.length === 0 || origins.some((name) => Object.hasOwn(block.origins ?? {}, name))) &&
    (rules.length === 0 || rules.includes(block.rule ?? '')) &&
    (classes.length === 0 || (block.inForce !== 'damaged' && classes.includes(classOfBlock(block))));
  return { ...status, blocks: status.blocks.filter(isSelected), strays: [] };
}

/** @throws RiposteError (USAGE) for an unknown class */
function demandClasses(classes: readonly string[]): void {
  const unknown = classes.find((name) => !BLOCK_CLASSES.includes(name));
  if (unknown !== undefined)
    throw new RiposteError(
      EX.USAGE,
      `--class must be one of ${BLOCK_CLASSES.join(', ')}, not '${printable(unknown, 40)}'`,
    );
}

/**
 * Returns the status without blocks from lists, except blocks that are not in force; and the number of omitted blocks
 * by list.
 */
export function withoutImported(status: Status): { rest: Status; lists: ReadonlyMap<string, number> } {
  const lists = new Map<string, number>();
  const blocks = status.blocks.filter((block) => {
    if (!isImported(block) || block.inForce === 'NO') return true;
    for (const name of Object.keys(block.origins ?? {})) lists.set(name, (lists.get(name) ?? 0) + 1);
    return false;
  });
  return { rest: { ...status, blocks }, lists };
}
