import { suite, type Test } from 'uvu';
import { privileges } from './namespaces.ts';
import { missing } from './tools.ts';

/** A suite. When this machine lacks something, all tests of the suite are skipped and the reason is printed. */
export function labSuite(name: string, ...programs: string[]): Test {
  const why = missingParts(programs);
  return why === undefined ? suite(name) : skippedSuite(name, why);
}

/** A suite whose tests are all skipped. Prints the requirements that this machine lacks. */
export function skippedSuite(name: string, why: string): Test {
  const tests = suite(name);
  console.log(`skipped: ${name}: needs ${why}`);
  const skipping = (title: string) => tests.skip(title);
  return Object.assign(skipping, {
    skip: tests.skip,
    only: skipping,
    run: tests.run,
    before: Object.assign(() => {}, { each: () => {} }),
    after: Object.assign(() => {}, { each: () => {} }),
  }) as unknown as Test;
}

/** The missing requirements of a private network and these programs. */
function missingParts(programs: string[]): string | undefined {
  const lacks = missing('unshare', 'nsenter', 'ip', 'curl', ...programs);
  if (lacks.length > 0) return lacks.join(', ');
  return privileges()?.length === 0 ? undefined : 'root';
}

/** The interpreters for testing the built scripts, by name: the running interpreter, and NODE24. */
export const INTERPRETERS: readonly (readonly [name: string, path: string])[] = [
  [`Node ${process.versions.node.split('.')[0]}`, process.execPath],
  ...(process.env.NODE24 ? ([['Node 24', process.env.NODE24]] as const) : []),
];
