import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitsPattern } from '../../../logs/sources/match-name.ts';
import { isRotatedFormOf, isRotatedName } from '../../../logs/sources/rotated-names.ts';

test('matches a name when * and ? stand for the rest of the name', () => {
  const fits: Record<string, string[]> = {
    '*': ['a', 'access.log'],
    '*.log': ['access.log', 'a.log.log'],
    '*access*.log': ['access.log', 'my-access-ssl.log', 'accessaccess.log'],
    'a?c': ['abc', 'a.c'],
    '*-json.log': ['0a1b-json.log'],
    'a*b*c': ['abc', 'aXbXbXc', 'aabbcc'],
    '.*': ['.a'],
    'a+(b)[c]\\': ['a+(b)[c]\\'],
  };
  for (const [pattern, names] of Object.entries(fits))
    for (const name of names) assert.ok(fitsPattern(name, pattern), `${name} ${pattern}`);
});

test('does not match any other name', () => {
  const fits: Record<string, string[]> = {
    '*': ['.hidden', '..'],
    '?a': ['.a', 'a', 'bba'],
    '*.log': ['access.log.1', 'accesslog', '.log'],
    'a*b': ['ab ', 'ba', 'a'],
    'a.c': ['abc'],
    '[ab]': ['a'],
    'a**b': ['a', 'ac'],
  };
  for (const [pattern, names] of Object.entries(fits))
    for (const name of names) assert.not(fitsPattern(name, pattern), `${name} ${pattern}`);
});

test('refuses a long name quickly when the pattern has many stars', () => {
  assert.not(fitsPattern('a'.repeat(255), `${'*a'.repeat(120)}*b`));
});

const ROTATED = [
  'access.log.1',
  'access.log.2.gz',
  'access.log.3.xz',
  'access.log.3.bz2',
  'access.log.3.zst',
  'access.log-20261120',
  'access.log-20261120.gz',
  'access.log-2026112014',
  'access.log-1795166136',
  'access_log.2026-11-20',
  'access-2026-11-20.log',
  'access-20261120.log',
  '0f3a-json.log.1',
];

test('treats a name that logrotate or rotatelogs gives as a rotated log', () => {
  for (const name of ROTATED) assert.ok(isRotatedName(name), name);
});

test('treats any other name as the log itself', () => {
  for (const name of [
    'access.log',
    'access_log',
    'error-ssl.log',
    '0.log',
    'shop-8080.log',
    'access-8080',
    'site2.example.com-access.log',
    '20261120.example.com.log.txt',
    'event-20261120.example.com-access.log',
    'php8.3-fpm.log',
    '203.0.113.7-access.log',
    'x99999999999.log',
  ])
    assert.not(isRotatedName(name), name);
});

test('matches a rotated form only to the log whose name is the start of the form’s name', () => {
  for (const name of ROTATED.slice(0, 8)) assert.ok(isRotatedFormOf('access.log', name), name);
  assert.ok(isRotatedFormOf('access.log', 'access-20261120.log.1.zst'));
  for (const name of [
    'access.log',
    'access.log.bak',
    'access-ssl.log',
    'my-access.log.1',
    'access.log.1.zip',
    'access.log.xz',
  ])
    assert.not(isRotatedFormOf('access.log', name), name);
});

test.run();
