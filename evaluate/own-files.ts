import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../active-response/home.ts';
import { readIfThere } from '../base/files.ts';
import { readSource } from '../engine/ruleset/files.ts';
import type { Ruleset, Source } from '../engine/ruleset/ruleset.ts';
import { Exceptions } from '../judgement/exceptions/exceptions.ts';
import { readExceptions } from '../judgement/exceptions/read-exceptions.ts';
import { rulesExceptedBy } from './join-verdict.ts';

/** The file of an administrator's exceptions. */
export const exceptionsFile = ({ root }: Pick<Home, 'root'>): string => join(root, 'etc/riposte.except');

/** The file of an administrator's own rules, for programs that work without a manager. */
export const ownRulesFile = ({ root }: Pick<Home, 'root'>): string => join(root, 'etc/riposte-rules.xml');

/** An administrator's own rules; none if the file does not exist. @throws RiposteError (IOERR) naming the file */
export function ownRules(home: Pick<Home, 'root'>): Source[] {
  const file = ownRulesFile(home);
  return existsSync(file) ? [readSource(file)] : [];
}

/**
 * An administrator's exceptions; none if the file does not exist.
 *
 * @param more further lines
 * @throws RiposteError (CONFIG) naming file and line, also for a rule that is not in the ruleset
 */
export function loadExceptions(home: Pick<Home, 'root'>, ruleset: Ruleset, more = ''): Exceptions {
  const file = exceptionsFile(home);
  const text = `${readIfThere(file) ?? ''}\n${more}`;
  return new Exceptions(readExceptions(text, file, (id) => rulesExceptedBy(id, ruleset)));
}
