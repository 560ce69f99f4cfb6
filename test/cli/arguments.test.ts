import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../../cli/arguments.ts';

const OPTIONS = { 'no-block': { text: '' }, alerts: { value: 'FILE', text: '' }, json: { text: '' } };

test('reads an option whose name begins with no-', () => {
  const given = readArguments(['--alerts', 'a', '--no-block', 'log'], OPTIONS);
  assert.equal([given.flag('no-block'), given.value('alerts'), given.rest], [true, 'a', ['log']]);
  assert.is(readArguments(['log'], OPTIONS).flag('no-block'), false);
});

test('refuses no- before an option that has no such form', () => {
  assert.is(readArguments(['--no-json'], OPTIONS).flag('json'), false);
  assert.throws(() => readArguments(['--block'], OPTIONS), /unknown option --block/);
});

test('returns undefined for a choice that was not made', () => {
  const made = (...argv: string[]) => readArguments(argv, OPTIONS).choice('json');
  assert.equal([made(), made('--json'), made('--no-json')], [undefined, true, false]);
});

test.run();
