import { type Callback, type Test, test } from 'uvu';
import * as assert from 'uvu/assert';
import { shownHooks } from './shown-hooks.ts';

/** A suite that only keeps its hooks. */
function keepingSuite() {
  const hooks: Callback[] = [];
  const hook = () =>
    Object.assign((add: Callback) => hooks.push(add), { each: (add: Callback) => hooks.push(add) });
  return { hooks, tests: { before: hook(), after: hook() } as unknown as Test };
}

test('shows the error of a hook, and throws it again', async () => {
  const { hooks, tests } = keepingSuite();
  let said = '';
  shownHooks(tests, 'packages', (text) => {
    said += text;
  });
  tests.before(() => {
    throw new Error('rpmbuild: exit status 1');
  });
  tests.after.each(async () => {});
  const [before, afterEach] = hooks.map((hook) => async () => hook({ __suite__: '', __test__: '' }));
  await afterEach?.();
  assert.is(said, '');
  const thrown = await before?.().catch((error: Error) => error.message);
  assert.is(thrown, 'rpmbuild: exit status 1');
  assert.match(said, /^\nbefore of packages: Error: rpmbuild: exit status 1\n/);
});

test.run();
