import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../../cli/arguments.ts';

const OPTIONS = { 'no-block': { text: '' }, alerts: { value: 'FILE', text: '' }, json: { text: '' } };

test('an option whose name begins with no- is one like others', () => {
  const given = readArguments(['--alerts', 'a', '--no-block', 'log'], OPTIONS);
  assert.equal([given.flag('no-block'), given.value('alerts'), given.rest], [true, 'a', ['log']]);
  assert.is(readArguments(['log'], OPTIONS).flag('no-block'), false);
});

test('no option becomes another one by a no- before it', () => {
  assert.is(readArguments(['--no-json'], OPTIONS).flag('json'), false);
  assert.throws(() => readArguments(['--block'], OPTIONS), /unknown option --block/);
});

test('of a choice is known whether it was made at all', () => {
  const made = (...argv: string[]) => readArguments(argv, OPTIONS).choice('json');
  assert.equal([made(), made('--json'), made('--no-json')], [undefined, true, false]);
});

test.run();
