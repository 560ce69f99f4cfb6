import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ALL_SETTINGS } from '../../active-response/response/all-settings.ts';
import { ownSettings } from '../../active-response/response/own-settings.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { flagOf, SETTINGS, type Setting } from '../../active-response/settings/settings.ts';

const OWN = ownSettings(RESPONSES);
const rows = (await readFile('docs/reference/settings.md', 'utf8'))
  .split('\n')
  .filter((line) => /^\| `[A-Z\d_]+` /.test(line));

const code = (text: string) => (text === '' ? '' : `\`${text}\``);
const words = (text: string) => text.replaceAll('<', '\\<');

/** The row of a setting according to the code. When a test fails, copy the row from its message. */
function rowOf(name: string, { key, fallback, means, form }: Setting<unknown>): string {
  const hasFlag = Object.hasOwn({ ...SETTINGS, ...OWN }, name) || name === 'mailLevel';
  const flag = hasFlag ? `--${flagOf(name)}` : '';
  const cells = [code(key), code(flag), code(fallback), words(means), words(form)];
  return `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
}

for (const [name, setting] of Object.entries(ALL_SETTINGS)) {
  test(`describes ${setting.key} in the settings table as the code does`, () => {
    const row = rows.find((line) => line.startsWith(`| \`${setting.key}\` `));
    assert.is(row, rowOf(name, setting));
  });
}

test('lists every key once in the settings table, in the order of the code', () => {
  assert.equal(
    rows.map((row) => row.split('`')[1]),
    Object.values(ALL_SETTINGS).map(({ key }) => key),
  );
});

test.run();
