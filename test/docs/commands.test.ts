import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Verb } from '../../cli/verb.ts';
import { allVerbs } from '../../cli/verbs/verbs.ts';
import { commandsIn, readPages } from './pages.ts';

const verbs = await allVerbs();

/** The words of each call of `riposte VERB` in a command line. */
function callsIn(line: string): string[][] {
  const calls = line
    .split(/&&|[|;]/)
    .map((part) => /(?:^| |\.\/|bin\/)riposte(?:\.js)? ([a-z].*)/.exec(part)?.[1]);
  return calls.flatMap((call) => (call === undefined ? [] : [call.split(' ')]));
}

/** Options that `riposte` takes with every verb. */
const FOR_ALL = ['debug', 'help'];

const namesOf = ({ options }: Verb): string[] =>
  Object.entries(options).flatMap(([name, { value }]) =>
    value === undefined ? [name, `no-${name}`] : [name],
  );

for (const page of await readPages()) {
  const calls = commandsIn(page).flatMap(callsIn);
  if (calls.length === 0) continue;
  test(`names only verbs and options that exist in ${page.path}`, () => {
    for (const [name = '', ...rest] of calls) {
      if (name === 'help') continue;
      const verb = verbs[name];
      assert.ok(verb, `riposte ${name}`);
      const options = rest.flatMap((word) => /^--([a-z][a-z\d-]*)/.exec(word)?.[1] ?? []);
      for (const option of options)
        assert.ok(
          [...FOR_ALL, ...namesOf(verb)].includes(option),
          `riposte ${name} has no option --${option}`,
        );
    }
  });
}

test.run();
