import type { Callback, Test } from 'uvu';

/**
 * Prints the error that a hook of a suite throws. uvu itself drops the error of a `before`: the suite then runs no test
 * and prints nothing.
 *
 * @param say prints on standard output
 */
export function shownHooks<T>(
  tests: Test<T>,
  name = '',
  say: (text: string) => unknown = (text) => process.stdout.write(text),
): Test<T> {
  const shown =
    (add: (hook: Callback<T>) => void, what: string) =>
    (hook: Callback<T>): void =>
      add(async (context) => {
        try {
          await hook(context);
        } catch (error) {
          say(`\n${what} of ${name || 'this file'}: ${error instanceof Error ? error.stack : error}\n`);
          throw error;
        }
      });
  for (const key of ['before', 'after'] as const) {
    const each = shown(tests[key].each, `${key}.each`);
    tests[key] = Object.assign(shown(tests[key], key), { each });
  }
  return tests;
}
