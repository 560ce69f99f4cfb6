import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CROWDSEC_SETTINGS } from '../../../active-response/settings/crowdsec-settings.ts';
import { MAIL_SETTINGS } from '../../../active-response/settings/mail-settings.ts';
import { SERVER_SETTINGS } from '../../../active-response/settings/server-settings.ts';
import { flagOf, SETTINGS, type Setting } from '../../../active-response/settings/settings.ts';

const ALL: Readonly<Record<string, Setting<unknown>>> = {
  ...SETTINGS,
  ...SERVER_SETTINGS,
  ...MAIL_SETTINGS,
  ...CROWDSEC_SETTINGS,
};

test('names a flag like its setting, with hyphens', () => {
  assert.is(flagOf('backend'), 'backend');
  assert.is(flagOf('blockFor'), 'block-for');
  assert.is(flagOf('apacheCheck'), 'apache-check');
});

test('has every key and every flag once, in the right spelling', () => {
  const keys = Object.values(ALL).map(({ key }) => key);
  const flags = Object.keys(ALL).map(flagOf);
  assert.is(new Set(keys).size, keys.length);
  assert.is(new Set(flags).size, flags.length);
  for (const key of keys) assert.match(key, /^[A-Z][A-Z\d]*(_[A-Z]+)*$/);
  for (const flag of flags) assert.match(flag, /^[a-z][a-z\d]*(-[a-z]+)*$/);
});

test('has no flag with the name of a switch of the command line', () => {
  for (const word of ['help', 'version', 'list', 'dry-run'])
    assert.not(Object.keys(ALL).map(flagOf).includes(word), word);
});

test('accepts every default as a value of its setting', () => {
  for (const { key, fallback, parse } of Object.values(ALL)) assert.is.not(parse(fallback), undefined, key);
});

test('describes the meaning and form of every setting in one line', () => {
  for (const { key, form, means } of Object.values({ ...SETTINGS, ...SERVER_SETTINGS })) {
    assert.match(means, /^[^\n]{10,110}$/, key);
    assert.match(form, /^[^\n]{5,60}$/, key);
  }
});

test('starts every setting with the parsed default', () => {
  for (const [name, { parse, fallback, initial }] of Object.entries(ALL))
    assert.equal(parse(fallback), initial, name);
});

test.run();
