import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { EX, RiposteError } from '../../../base/errors.ts';
import { chooseFormat, formatOfClaim, remembered } from '../../../logs/formats/format-choice.ts';
import {
  forgetFormat,
  type KnownFormat,
  knownFormatsFile,
  readKnownFormats,
  withoutGone,
  writeKnownFormats,
} from '../../../logs/formats/known-formats.ts';

const SINCE = '2026-11-20T09:00:00.000Z';
const NOW = '2026-11-28T09:00:00.000Z';
const told: KnownFormat = { format: 'combined', origin: 'lines', isFirm: true, since: SINCE };

const directory = await mkdtemp(join(tmpdir(), 'riposte-formats-'));
test.after(() => rm(directory, { recursive: true }));

function refusal(look: () => unknown): RiposteError {
  try {
    look();
  } catch (error) {
    if (error instanceof RiposteError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('reads back the formats that were written, and none when there is no file', async () => {
  const home = homeAt(join(directory, 'one'));
  assert.equal(readKnownFormats(home.data), {});
  const formats = { '/a': told, '/b': { ...told, format: 'apache:own', definition: 'apache:"%a %t"' } };
  writeKnownFormats(home.data, formats);
  assert.equal(readKnownFormats(home.data), formats);
  assert.is(knownFormatsFile(home.data), join(directory, 'one/var/riposte/formats.json'));
  assert.match(await readFile(knownFormatsFile(home.data), 'utf8'), /\n$/);
});

test('refuses a damaged file, because without it an attacker’s line could choose a format', async () => {
  const home = homeAt(join(directory, 'two'));
  writeKnownFormats(home.data, {});
  const damaged = [
    '',
    '{',
    '[]',
    'null',
    '{"/a":null}',
    '{"/a":{"format":"combined"}}',
    JSON.stringify({ '/a': { ...told, origin: 'rumour' } }),
    JSON.stringify({ '/a': { ...told, since: 'then' } }),
    JSON.stringify({ '/a': { ...told, definition: 7 } }),
    JSON.stringify({ '/a': { ...told, format: '' } }),
  ];
  for (const text of damaged) {
    await writeFile(knownFormatsFile(home.data), text);
    const { exitCode, message } = refusal(() => readKnownFormats(home.data));
    assert.is(exitCode, EX.CONFIG, text);
    assert.match(message, /formats\.json is damaged; remove it/);
  }
});

test('forgets the format of one log', () => {
  assert.equal(forgetFormat({ '/a': told, '/b': told }, '/a'), { '/b': told });
  const { exitCode, message } = refusal(() => forgetFormat({ '/b': told }, '/a'));
  assert.is(exitCode, EX.USAGE);
  assert.is(
    message,
    'Riposte knows no format of /a, so there is nothing to forget; it knows the formats of these logs: /b',
  );
  assert.match(refusal(() => forgetFormat({}, 'constructor')).message, /it knows no format of any log/);
});

test('drops only the formats of logs that are gone', async () => {
  const at = (name: string) => join(directory, name);
  for (const name of ['there.log', 'rotated.log.1', 'dated.log-20261120.gz']) await writeFile(at(name), '');
  const kept = [
    at('there.log'),
    at('rotated.log'),
    at('dated.log'),
    at('gone/read.log'),
    'journal:web.service',
  ];
  const gone = [at('gone.log'), at('gone/a.log'), '/nonexistent/a.log'];
  const formats = Object.fromEntries([...kept, ...gone].map((log) => [log, told]));
  assert.equal(Object.keys(withoutGone(formats, new Set([at('gone/read.log')]))), kept);
});

test('prefers the setting to everything else', () => {
  const choice = chooseFormat({
    setting: { format: 'vhost_combined' },
    known: told,
    configuration: { format: 'nginx-main' },
  });
  assert.equal(choice, { format: 'vhost_combined', origin: 'setting', isFirm: true, differs: 'nginx-main' });
});

test('reports no difference when the setting is raw, which accepts any format', () => {
  const setting = { format: 'raw' };
  assert.equal(chooseFormat({ setting, known: undefined, configuration: { format: 'combined' } }), {
    ...setting,
    origin: 'setting',
    isFirm: true,
  });
});

test('keeps a firm format when the configuration names another format, and reports the difference', () => {
  const choice = chooseFormat({
    setting: undefined,
    known: told,
    configuration: { format: 'vhost_combined' },
  });
  assert.equal(choice, { format: 'combined', origin: 'lines', isFirm: true, differs: 'vhost_combined' });
  const same = chooseFormat({ setting: undefined, known: told, configuration: { format: 'combined' } });
  assert.equal(same, { format: 'combined', origin: 'lines', isFirm: true });
});

test('prefers the configuration to a format that is not firm yet', () => {
  const known = { ...told, isFirm: false };
  const configuration = { format: 'apache:own', definition: 'apache:"%a"' };
  assert.equal(chooseFormat({ setting: undefined, known, configuration }), {
    ...configuration,
    origin: 'configuration',
    isFirm: true,
  });
  assert.equal(chooseFormat({ setting: undefined, known, configuration: undefined }), {
    format: 'combined',
    origin: 'lines',
    isFirm: false,
  });
  assert.is(chooseFormat({ setting: undefined, known: undefined, configuration: undefined }), undefined);
});

test('compares custom formats by their definitions', () => {
  const known = { ...told, format: 'apache:own', definition: 'apache:"%a %t"' };
  const differs = (definition: string): string | undefined =>
    chooseFormat({ setting: undefined, known, configuration: { format: 'apache:own', definition } })?.differs;
  assert.is(differs('apache:"%a %t"'), undefined);
  assert.is(differs('apache:%a %t'), undefined, 'with quotes or without');
  assert.is(differs('apache:"%h %t"'), 'apache:"%h %t"');
  assert.is(differs('nginx:%a %t'), 'nginx:%a %t');
});

test('remembers when a format became known', () => {
  const choice = { format: 'combined', origin: 'lines', isFirm: true } as const;
  assert.is(remembered(choice, told, NOW), told);
  assert.equal(remembered(choice, { ...told, isFirm: false }, NOW), told);
  assert.equal(remembered(choice, undefined, NOW), { ...told, since: NOW });
  assert.equal(remembered({ ...choice, format: 'vhost_combined', origin: 'setting' }, told, NOW), {
    format: 'vhost_combined',
    origin: 'setting',
    isFirm: true,
    since: NOW,
  });
});

test('makes a format from the name or the definition in a claim', () => {
  assert.is(formatOfClaim({ format: 'combined' }, []).name, 'combined');
  assert.is(formatOfClaim({ format: 'x', definition: 'apache:"%a %t"' }, []).name, 'x');
  assert.is(refusal(() => formatOfClaim({ format: 'gone' }, [])).exitCode, EX.CONFIG);
});

test.run();
