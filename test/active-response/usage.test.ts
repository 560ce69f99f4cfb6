import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseFlags } from '../../active-response/protocol/command-line.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { flagsFromNoMessage, SETTINGS } from '../../active-response/settings/settings.ts';
import { usage } from '../../active-response/usage.ts';
import { EX } from '../../base/errors.ts';

const response = { name: 'route-null', summary: 'blocks in the kernel', backends: {}, choose: () => 'route' };
const text = usage(response, 'my-route-null.js');

test('begins with the name and the summary of the response', () => {
  assert.is(text.split('\n')[0], 'route-null: blocks in the kernel');
});

test('calls the script by its own file name in the examples', () => {
  for (const example of [
    'my-route-null.js add - ADDRESS',
    'my-route-null.js delete - ADDRESS',
    'my-route-null.js --list',
  ])
    assert.ok(text.includes(example), example);
});

test('aligns the descriptions of the calls in one column', () => {
  const columns = [...text.matchAll(/^ {2}my-route-null\.js \S.*? {3,}(?=\S)/gm)].map(
    ([{ length }]) => length,
  );
  assert.is(columns.length, 5);
  assert.is(new Set(columns).size, 1, columns.join());
});

test('names the settings that a message cannot set', () => {
  for (const flag of flagsFromNoMessage(SETTINGS))
    assert.match(text, new RegExp(`extra_args.*except.*--${flag}`, 's'));
});

test('lists every setting with its key, default and form', () => {
  for (const { key, fallback, form, means } of Object.values(SETTINGS)) {
    for (const part of [`in riposte.conf: ${key}`, `${form}${fallback && ` (default: ${fallback})`}`, means])
      assert.ok(text.includes(part), part);
  }
});

test('lists only existing flags, and lists the flag of every setting', () => {
  const flags = [...text.matchAll(/^ {2}--([a-z\d-]+) VALUE$/gm)].map(([, flag = '']) => flag);
  assert.is(flags.length, Object.keys(SETTINGS).length);
  const defaults = Object.values(SETTINGS).map(({ fallback }) => fallback);
  const given = parseFlags(flags.map((flag, index) => `--${flag}=${defaults[index]}`));
  assert.equal(loadSettings([], given), loadSettings([], new Map()));
});

test('lists the switches and the exit codes', () => {
  for (const part of ['--dry-run', '--help', '--version', '--list']) assert.ok(text.includes(part), part);
  for (const code of [EX.USAGE, EX.DATAERR, EX.UNAVAILABLE, EX.NOPERM, EX.CONFIG])
    assert.match(text, new RegExp(`\\b${code} `));
});

test.run();
