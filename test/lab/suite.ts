import { suite, type Test } from 'uvu';
import { privileges } from './namespaces.ts';
import { missing } from './tools.ts';

/** A suite, or one whose tests are all skipped, with the reason printed, where this machine lacks something. */
export function labSuite(name: string, ...programs: string[]): Test {
  const why = whyNot(programs);
  return why === undefined ? suite(name) : skippedSuite(name, why);
}

/** A suite whose tests are all skipped, with what they need printed. */
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

/** What a network of our own and these programs need that is not here. */
function whyNot(programs: string[]): string | undefined {
  const lacks = missing('unshare', 'nsenter', 'ip', 'curl', ...programs);
  if (lacks.length > 0) return lacks.join(', ');
  return privileges()?.length === 0 ? undefined : 'root';
}

/** The interpreters that the built scripts are tested with, by name: this one, and that of NODE24. */
export const INTERPRETERS: readonly (readonly [name: string, path: string])[] = [
  [`Node ${process.versions.node.split('.')[0]}`, process.execPath],
  ...(process.env.NODE24 ? ([['Node 24', process.env.NODE24]] as const) : []),
];
