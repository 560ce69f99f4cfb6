import { isImported } from '../../active-response/lists.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { ANSWERS } from '../../evaluate/answers/answer-table.ts';
import type { BlockStatus, Status } from './gather.ts';

/** The blocks to show, as given by options. An empty list selects all. */
export interface StatusSelection {
  /** Names of lists. */
  readonly origins: readonly string[];
  /** Ids of rules. */
  readonly rules: readonly string[];
  /** Classes of rules, as `riposte rules` names them, with hyphens for spaces. */
  readonly classes: readonly string[];
}

/** The classes of rules that are answered with a block. */
export const CLASS_NAMES: readonly string[] = [...new Set(ANSWERS.map((answer) => dashed(answer.class)))];

function dashed(name: string): string {
  return name.replaceAll(' ', '-');
}

/** True when a selection selects anything at all. */
export const isSelective = ({ origins, rules, classes }: StatusSelection): boolean =>
  origins.length + rules.length + classes.length > 0;

/**
 * The part of a status with the selected blocks. A block that is not in the ledger has neither list nor rule, so a
 * selection leaves it out.
 *
 * @throws RiposteError (USAGE) for an unknown class
 */
export function select(status: Status, { origins, rules, classes }: StatusSelection): Status {
  if (!isSelective({ origins, rules, classes })) return status;
  const ofClasses = classes.length === 0 ? undefined : rulesOf(classes);
  const isSelected = ({ origins: listed = {}, rule }: BlockStatus) =>
    (origins.length === 0 || origins.some((name) => Object.hasOwn(listed, name))) &&
    (rules.length === 0 || rules.includes(rule ?? '')) &&
    (ofClasses === undefined || ofClasses.has(rule ?? ''));
  return { ...status, blocks: status.blocks.filter(isSelected), strays: [] };
}

function rulesOf(classes: readonly string[]): ReadonlySet<string> {
  const unknown = classes.find((name) => !CLASS_NAMES.includes(name));
  if (unknown !== undefined)
    throw new RiposteError(
      EX.USAGE,
      `--class must be one of ${CLASS_NAMES.join(', ')}, not '${printable(unknown, 40)}'`,
    );
  const answers = ANSWERS.filter((answer) => classes.includes(dashed(answer.class)));
  return new Set(answers.map(({ rule }) => String(rule)));
}

/** A status without the blocks of lists that are in order, and the number of these blocks for each list. */
export function withoutImported(status: Status): { rest: Status; lists: ReadonlyMap<string, number> } {
  const lists = new Map<string, number>();
  const blocks = status.blocks.filter((block) => {
    if (!isImported(block) || block.inForce === 'NO') return true;
    for (const name of Object.keys(block.origins ?? {})) lists.set(name, (lists.get(name) ?? 0) + 1);
    return false;
  });
  return { rest: { ...status, blocks }, lists };
}
