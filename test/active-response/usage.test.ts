import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../active-response/errors.ts';
import { parseFlags } from '../../active-response/protocol/command-line.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { FROM_NO_MESSAGE, SETTINGS } from '../../active-response/settings/settings.ts';
import { usage } from '../../active-response/usage.ts';

const response = { name: 'route-null', summary: 'has the kernel do it', backends: {}, choose: () => 'route' };
const text = usage(response, 'my-route-null.js');

test('it begins with the name and what the response does', () => {
  assert.is(text.split('\n')[0], 'route-null: has the kernel do it');
});

test('the examples call the script by its own file name', () => {
  for (const example of [
    'my-route-null.js add - ADDRESS',
    'my-route-null.js delete - ADDRESS',
    'my-route-null.js --list',
  ])
    assert.ok(text.includes(example), example);
});

test('what each way to call it does stands in one column', () => {
  const columns = [...text.matchAll(/^ {2}my-route-null\.js \S.*? {3,}(?=\S)/gm)].map(
    ([{ length }]) => length,
  );
  assert.is(columns.length, 5);
  assert.is(new Set(columns).size, 1, columns.join());
});

test('it says which settings a message cannot set', () => {
  for (const flag of FROM_NO_MESSAGE) assert.match(text, new RegExp(`extra_args.*but for.*--${flag}`, 's'));
});

test('every setting is in it, with its key, its default and what it may be', () => {
  for (const { key, fallback, form, means } of Object.values(SETTINGS)) {
    for (const part of [`in riposte.conf: ${key}`, `${form}${fallback && ` (default: ${fallback})`}`, means])
      assert.ok(text.includes(part), part);
  }
});

test('every flag in it is one that the settings take, and every setting has its flag', () => {
  const flags = [...text.matchAll(/^ {2}--([a-z-]+) VALUE$/gm)].map(([, flag = '']) => flag);
  assert.is(flags.length, Object.keys(SETTINGS).length);
  const defaults = Object.values(SETTINGS).map(({ fallback }) => fallback);
  const given = parseFlags(flags.map((flag, index) => `--${flag}=${defaults[index]}`));
  assert.equal(loadSettings([], given), loadSettings([], new Map()));
});

test('the switches and the exit codes are in it', () => {
  for (const part of ['--dry-run', '--help', '--version', '--list']) assert.ok(text.includes(part), part);
  for (const code of [EX.USAGE, EX.DATAERR, EX.UNAVAILABLE, EX.NOPERM, EX.CONFIG])
    assert.match(text, new RegExp(`\\b${code} `));
});

test.run();
