import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAIL_SETTINGS } from '../active-response/settings/mail-settings.ts';
import { flagOf, SETTINGS } from '../active-response/settings/settings.ts';

const ALL = { ...SETTINGS, ...MAIL_SETTINGS };
const readme = await readFile('README.md', 'utf8');

for (const [name, { key, fallback, means }] of Object.entries(ALL)) {
  test(`the README tells of ${key} what the program does`, () => {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${key}\` `)) ?? '';
    const isFlag = !Object.hasOwn(MAIL_SETTINGS, name) || name === 'mailLevel';
    assert.is(row.includes(`\`--${flagOf(name)}\``), isFlag);
    assert.match(row, means);
    assert.match(row, fallback);
  });
}

test('the README names no key that there is not', () => {
  const named = [...readme.matchAll(/^\| `([A-Z_]+)` /gm)].map(([, key]) => key);
  assert.equal(
    named,
    Object.values(ALL).map(({ key }) => key),
  );
});

test.run();
