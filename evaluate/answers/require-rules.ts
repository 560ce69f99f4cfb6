import { EX, RiposteError } from '../../base/errors.ts';
import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import { rulesExceptedBy } from '../join-verdict.ts';

/**
 * @throws RiposteError (CONFIG) if ANSWER_RULES names a rule that does not exist, because its entry would answer
 *   nothing
 */
export function requireRules(answerRules: readonly string[], ruleset: Ruleset): void {
  const unknown = answerRules.find((id) => rulesExceptedBy(Number(id), ruleset).length === 0);
  if (unknown === undefined) return;
  throw new RiposteError(
    EX.CONFIG,
    `ANSWER_RULES names rule ${unknown}, but there is no such rule; riposte rules lists the rules that you can choose`,
  );
}
