import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flagOf, SETTINGS } from '../../../active-response/settings/settings.ts';

test('a flag is the name with hyphens', () => {
  assert.is(flagOf('backend'), 'backend');
  assert.is(flagOf('blockFor'), 'block-for');
  assert.is(flagOf('apacheCheck'), 'apache-check');
});

test('every key and every flag is there once, and written as such', () => {
  const keys = Object.values(SETTINGS).map(({ key }) => key);
  const flags = Object.keys(SETTINGS).map(flagOf);
  assert.is(new Set(keys).size, keys.length);
  assert.is(new Set(flags).size, flags.length);
  for (const key of keys) assert.match(key, /^[A-Z]+(_[A-Z]+)*$/);
  for (const flag of flags) assert.match(flag, /^[a-z]+(-[a-z]+)*$/);
});

test('no flag has the name of a switch of the command line', () => {
  for (const word of ['help', 'version', 'list', 'dry-run'])
    assert.not(Object.keys(SETTINGS).map(flagOf).includes(word), word);
});

test('every default is a value of its own setting', () => {
  for (const { key, fallback, parse } of Object.values(SETTINGS))
    assert.is.not(parse(fallback), undefined, key);
});

test('every setting says in a line what it means and what to write', () => {
  for (const { key, form, means } of Object.values(SETTINGS)) {
    assert.match(means, /^[^\n]{10,110}$/, key);
    assert.match(form, /^[^\n]{5,60}$/, key);
  }
});

test('what a setting is at first is what its default says', () => {
  for (const [name, { parse, fallback, initial }] of Object.entries(SETTINGS))
    assert.equal(parse(fallback), initial, name);
});

test.run();
