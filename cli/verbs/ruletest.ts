import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../../base/bytes.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readSource } from '../../engine/ruleset/files.ts';
import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import { readSequences } from '../../engine/suite/read-sequences.ts';
import { readSuite } from '../../engine/suite/read-suite.ts';
import { type Failure, runCase, runSequence } from '../../engine/suite/run-suite.ts';
import { RULESET_NOTES, RULESET_OPTIONS, rulesetForSuites } from '../options/ruleset.ts';
import type { Verb } from '../verb.ts';

/** riposte ruletest: runs suites of test lines. */
export const ruletest: Verb = {
  summary: 'run suites of test lines (.ini, .seq)',
  operands: '[FILE or DIRECTORY…]',
  options: RULESET_OPTIONS,
  notes: `Without a file it runs the suites in rules. ${RULESET_NOTES}`,
  examples: [['riposte ruletest rules', 'run all suites of that directory']],

  async run(given, io) {
    if (given.rest.length === 0 && !existsSync('rules')) {
      const advice = 'name test files (.ini, .seq) or directories of them';
      throw new RiposteError(EX.USAGE, `there is no directory named rules here: ${advice}`);
    }
    const files = (given.rest.length > 0 ? given.rest : ['rules']).flatMap(suiteFiles);
    if (files.length === 0) throw new RiposteError(EX.USAGE, 'there is no .ini or .seq file to run');
    const ruleset = rulesetForSuites(given);
    const now = Math.floor(Date.now() / 1000);
    let passed = 0;
    let failed = 0;
    for (const file of files) {
      for (const failure of runFile(file, ruleset, now)) {
        if (failure) io.out(utf8(describe(failure)));
        if (failure) failed++;
        else passed++;
      }
    }
    io.out(`${passed} passed, ${failed} failed`);
    return failed === 0 ? EX.OK : FAILED;
  },
};

/** The exit code when a case fails: the suites ran, so no code of sysexits fits. */
const FAILED = 1;

/** One result for each case or sequence of the file. */
function runFile(file: string, ruleset: Ruleset, now: number): (Failure | undefined)[] {
  const { text } = readSource(file);
  if (file.endsWith('.seq'))
    return readSequences(text, file).map((sequence) => runSequence(sequence, ruleset, now));
  return readSuite(text, file).map((test) => runCase(test, ruleset, now));
}

function suiteFiles(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.(ini|seq)$/.test(name));
  return names.sort().map((name) => join(path, name));
}

function describe({ file, line, section, what, expected, found, log }: Failure): string {
  return `${file}:${line}: [${section}] ${what}
    expected ${expected}
    found    ${found}
    line     ${log.length > 300 ? `${log.slice(0, 300)}...` : log}`;
}
