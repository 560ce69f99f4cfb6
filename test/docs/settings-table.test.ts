import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CROWDSEC_SETTINGS } from '../../active-response/settings/crowdsec-settings.ts';
import { MAIL_SETTINGS } from '../../active-response/settings/mail-settings.ts';
import { SERVER_SETTINGS } from '../../active-response/settings/server-settings.ts';
import { flagOf, SETTINGS, type Setting } from '../../active-response/settings/settings.ts';

const ALL: Readonly<Record<string, Setting<unknown>>> = {
  ...SETTINGS,
  ...SERVER_SETTINGS,
  ...MAIL_SETTINGS,
  ...CROWDSEC_SETTINGS,
};
const rows = (await readFile('docs/reference/settings.md', 'utf8'))
  .split('\n')
  .filter((line) => /^\| `[A-Z\d_]+` /.test(line));

const code = (text: string) => (text === '' ? '' : `\`${text}\``);
const words = (text: string) => text.replaceAll('<', '\\<');

/** The row of a setting as the code has it: copy it from the message of a failed test. */
function rowOf(name: string, { key, fallback, means, form }: Setting<unknown>): string {
  const hasFlag = Object.hasOwn(SETTINGS, name) || name === 'mailLevel';
  const flag = hasFlag ? `--${flagOf(name)}` : '';
  const cells = [code(key), code(flag), code(fallback), words(means), words(form)];
  return `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
}

for (const [name, setting] of Object.entries(ALL)) {
  test(`describes ${setting.key} in the settings table as the code does`, () => {
    const row = rows.find((line) => line.startsWith(`| \`${setting.key}\` `));
    assert.is(row, rowOf(name, setting));
  });
}

test('lists every key once in the settings table, in the order of the code', () => {
  assert.equal(
    rows.map((row) => row.split('`')[1]),
    Object.values(ALL).map(({ key }) => key),
  );
});

test.run();
