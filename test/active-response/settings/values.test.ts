import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  command,
  level,
  oneOf,
  path,
  ports,
  ruleIds,
  seconds,
  secondsList,
  yesOrNo,
} from '../../../active-response/settings/values.ts';

/** Names that every object has: a parser that looks up a table must not find them. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

function rejects(parse: (text: string) => unknown, ...texts: string[]): void {
  for (const text of [...texts, ...INHERITED]) assert.is(parse(text), undefined, JSON.stringify(text));
}

test('times have units, and without one are seconds', () => {
  for (const [text, value] of [
    ['600', 600],
    ['90s', 90],
    ['10m', 600],
    ['2h', 7200],
    ['1d', 86_400],
    ['1w', 604_800],
    ['1', 1],
    ['3650d', 315_360_000],
  ] as const)
    assert.is(seconds(text), value, text);
});

test('no time, a negative one, and one of more than ten years are none', () => {
  rejects(
    seconds,
    '',
    '0',
    '0d',
    '-1',
    '3651d',
    '999999999w',
    '9999999999',
    '1.5h',
    '1e3',
    '0x10',
    ' 1',
    '1 ',
    '1D',
    '1y',
    '1d2h',
    'd',
    '1d\n',
    '１',
  );
});

test('lists of times keep their order, and an empty text is an empty list', () => {
  assert.equal(secondsList('1d,7d'), [86_400, 604_800]);
  assert.equal(secondsList(' 60 , 1h '), [60, 3600]);
  assert.equal(secondsList(''), []);
  assert.equal(secondsList('  '), []);
});

test('a list with a bad item or an empty one is none at all', () => {
  rejects(secondsList, '1d,', ',1d', '1d,,7d', '1d;7d', '1d 7d', '1d,x', ',');
});

test('ports are numbers and ranges', () => {
  assert.equal(ports('80,25,110'), ['80', '25', '110']);
  assert.equal(ports('443, 8000-8100'), ['443', '8000-8100']);
  assert.equal(ports('1-65535'), ['1-65535']);
  assert.equal(ports('80-80'), ['80-80']);
  assert.equal(ports(''), []);
});

test('what is no port is none', () => {
  rejects(
    ports,
    '0',
    '65536',
    '99999',
    '-1',
    '80-',
    '-80',
    '81-80',
    '80-65536',
    '0-80',
    '80:90',
    'http',
    '80 ,, 81',
    '80;drop',
    '80 }',
    '1-2-3',
    '+80',
    '8e1',
    '80\n81',
  );
});

test('a port with leading zeros is none: nft reads 025 as octal, port 21', () => {
  rejects(ports, '025', '0080', '8000-08100', '010-020');
});

test('rule ids are numbers', () => {
  assert.equal(ruleIds('31106, 117010'), ['31106', '117010']);
  assert.equal(ruleIds(''), []);
  rejects(ruleIds, '31106,', 'web', '-1', '123456789', '1.5', '31106 31151');
});

test('levels go from 0 to 16', () => {
  assert.is(level('0'), 0);
  assert.is(level('16'), 16);
  rejects(level, '', '17', '-1', '1.5', '012', 'high', ' 1');
});

test('yes is true, no is false, and nothing else is either', () => {
  assert.is(yesOrNo('yes'), true);
  assert.is(yesOrNo('no'), false);
  for (const text of ['', 'Yes', 'true', '1', 'on', 'y']) assert.is(yesOrNo(text), undefined, text);
});

test('names that every object has are neither yes nor no', () => {
  for (const text of INHERITED) assert.is(yesOrNo(text), undefined, text);
});

test('one of a few words is exactly one of them', () => {
  const parse = oneOf('drop', 'reject');
  assert.is(parse('drop'), 'drop');
  assert.is(parse('reject'), 'reject');
  rejects(parse, '', 'DROP', 'drop ', 'dropreject');
});

test('files are absolute paths, or none', () => {
  assert.is(path('/etc/deny.map'), '/etc/deny.map');
  assert.is(path(''), '');
  rejects(path, 'deny.map', './deny.map', '~/deny.map', ' /deny.map');
});

test('programs are absolute paths with arguments split at spaces, without a shell', () => {
  assert.equal(command('/usr/sbin/apachectl configtest'), ['/usr/sbin/apachectl', 'configtest']);
  assert.equal(command('  /bin/a   b  '), ['/bin/a', 'b']);
  assert.equal(command('/bin/a "b c" $(id)'), ['/bin/a', '"b', 'c"', '$(id)']);
  assert.equal(command(''), []);
  rejects(command, 'apachectl configtest', './apachectl', 'sh -c /bin/a');
});

test.run();
