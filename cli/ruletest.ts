import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../active-response/errors.ts';
import { readSource } from '../engine/ruleset/files.ts';
import { readSuite } from '../engine/suite/read-suite.ts';
import { type Failure, runSuite } from '../engine/suite/run-suite.ts';
import { readArguments } from './arguments.ts';
import { utf8 } from './bytes.ts';
import { RULESET_FLAGS, RULESET_HELP, RULESET_VALUES, rulesetOf } from './ruleset-arguments.ts';
import type { Verb } from './verb.ts';

/** riposte ruletest: runs suites of test lines. */
export const ruletest: Verb = {
  summary: 'run .ini suites of test lines',
  help: `riposte ruletest [options] [FILE or DIRECTORY…]     (default: rules)

${RULESET_HELP}`,

  async run(argv, io) {
    const given = readArguments(argv, { values: RULESET_VALUES, flags: RULESET_FLAGS });
    const files = (given.rest.length > 0 ? given.rest : ['rules']).flatMap(suiteFiles);
    if (files.length === 0) throw new RiposteError(EX.USAGE, 'there is no .ini file to run');
    const ruleset = rulesetOf(given);
    const now = Math.floor(Date.now() / 1000);
    let passed = 0;
    let failed = 0;
    for (const file of files) {
      const result = runSuite(readSuite(readSource(file).text, file), ruleset, now);
      passed += result.passed;
      failed += result.failures.length;
      for (const failure of result.failures) io.out(utf8(describe(failure)));
    }
    io.out(`${passed} passed, ${failed} failed`);
    return failed === 0 ? EX.OK : FAILED;
  },
};

/** The exit code when a case fails: the suites could be run, so none of sysexits fits. */
const FAILED = 1;

function suiteFiles(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith('.ini'));
  return names.sort().map((name) => join(path, name));
}

function describe({ file, line, section, what, expected, found, log }: Failure): string {
  return `${file}:${line}: [${section}] ${what}
    expected ${expected}
    found    ${found}
    line     ${log.length > 300 ? `${log.slice(0, 300)}...` : log}`;
}
