import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../../base/errors.ts';
import { webServers } from '../../../logs/configuration/web-servers.ts';
import { type FormatSources, formatFor, withFormatOf } from '../../../logs/formats/formats-of-logs.ts';
import { hostWith } from '../configuration/fake-host.ts';

const SINCE = '2026-11-20T09:00:00.000Z';

function sources(conf: string, others: Partial<FormatSources> = {}): FormatSources {
  const host = hostWith({ '/etc/apache2/apache2.conf': conf });
  return { known: {}, own: new Map(), configurations: webServers(host), host, ...others };
}

const UNSAFE = 'CustomLog /a "%V %h %l %u %t \\"%r\\" %>s %b"';
const firm = { format: 'combined', origin: 'lines', isFirm: true, since: SINCE } as const;

test('chooses no format before the lines are read when neither a setting nor the configuration names a format', () => {
  assert.is(formatFor('/a', undefined, sources('')), undefined);
  assert.is(formatFor('journal:nginx.service', undefined, sources('')), undefined);
});

test('makes the format that the configuration names', () => {
  const found = formatFor('/a', undefined, sources('CustomLog /a "%a %t \\"%r\\" %>s"'));
  assert.is(found?.name, 'apache:own');
  assert.is(found?.format?.name, 'apache:own');
  assert.is(found?.origin, 'configuration');
  assert.is(found?.definition, 'apache:"%a %t \\"%r\\" %>s"');
});

test('makes a format that LOGS names and LOG_FORMAT_… defines', () => {
  const own = new Map([['shop', { text: 'apache:%a %t "%r" %>s' }]]);
  const found = formatFor('/a', 'shop', sources('CustomLog /a "%a %t \\"%r\\" %>s"', { own }));
  assert.is(found?.format?.name, 'shop');
  assert.is(found?.origin, 'setting');
  assert.is(found?.differs, undefined, 'the configuration says the same');
});

test('makes no reader for raw', () => {
  const found = formatFor('/a', 'raw', sources(''));
  assert.equal([found?.name, found?.format], ['raw', undefined]);
});

test('refuses an unsafe format of the configuration, unless a setting or a firm format overrides it', () => {
  try {
    formatFor('/a', undefined, sources(UNSAFE));
    assert.unreachable();
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    assert.is(error.exitCode, EX.CONFIG);
    assert.match(error.message, '/etc/apache2/apache2.conf:1: ');
  }
  assert.is(formatFor('/a', 'combined', sources(UNSAFE))?.name, 'combined');
  assert.is(formatFor('/a', undefined, sources(UNSAFE, { known: { '/a': firm } }))?.name, 'combined');
  assert.throws(() =>
    formatFor('/a', undefined, sources(UNSAFE, { known: { '/a': { ...firm, isFirm: false } } })),
  );
});

test('remembers the format that the lines have shown, and a chosen format', () => {
  const NOW = '2026-11-28T09:00:00.000Z';
  const told = { format: 'combined', isFirm: false };
  const one = withFormatOf({}, '/a', undefined, told, NOW);
  assert.equal(one, { '/a': { ...told, origin: 'lines', since: NOW } });
  assert.is(withFormatOf(one, '/a', undefined, told, SINCE), one, 'nothing is new');
  const firmly = withFormatOf(one, '/a', undefined, { ...told, isFirm: true }, SINCE);
  assert.equal(firmly, { '/a': { format: 'combined', origin: 'lines', isFirm: true, since: NOW } });
  assert.is(withFormatOf(one, '/b', undefined, { format: undefined, isFirm: false }, NOW), one);
  const conf = sources('CustomLog /b "%a %t \\"%r\\" %>s"');
  const chosen = formatFor('/b', undefined, conf);
  const both = withFormatOf(one, '/b', chosen, chosen && { format: chosen.name, isFirm: true }, NOW);
  assert.equal(both['/b'], {
    format: 'apache:own',
    definition: 'apache:"%a %t \\"%r\\" %>s"',
    origin: 'configuration',
    isFirm: true,
    since: NOW,
  });
  const again = formatFor('/b', undefined, { ...sources('CustomLog /b "%h"'), known: both });
  assert.is(again?.definition, 'apache:"%a %t \\"%r\\" %>s"');
  assert.is(again?.differs, 'apache:"%h"');
  const raw = formatFor('/c', 'raw', conf);
  assert.is(withFormatOf({}, '/c', raw, undefined, NOW)['/c']?.format, 'raw');
});

test('refuses the name of a format that does not exist', () => {
  assert.throws(() => formatFor('/a', 'gone', sources('')), /there is no log format 'gone'/);
});

test.run();
