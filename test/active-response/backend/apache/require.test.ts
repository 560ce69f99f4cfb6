import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apacheRequire, fileOf } from '../../../../active-response/backend/apache/require.ts';
import { render } from '../../../../active-response/backend/deny-file/included-file.ts';
import { parseTarget } from '../../../../base/address.ts';
import { EX } from '../../../../base/errors.ts';
import { dryExecutor, realExecutor } from '../../../../base/execute.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../../support.ts';

const FIRST_LINE = '# Addresses that Apache denies. Riposte makes this file anew at each change.\n';
const PATH = '/usr/bin:/bin';

/**
 * A file, a ledger, and two programs in place of Apache's: each records its run, and fails while a file `check-fails`
 * or `reload-fails` exists.
 */
function scene({
  flavour = 'apache24' as 'apache24' | 'apache22',
  text = undefined as string | undefined,
  reload = true,
  patience = 5,
} = {}) {
  const directory = temporaryDirectory();
  const file = join(directory, 'conf/deny.conf');
  mkdirSync(join(directory, 'conf'));
  if (text !== undefined) writeFileSync(file, text);
  const script = (name: string) =>
    `echo ${name} >> ${directory}/ran; [ ! -e ${directory}/${name}-fails ] || { echo 'Syntax error on line 3' >&2; exit 1; }`;
  const programs = directoryOfPrograms({ check: script('check'), reload: script('reload') });
  const ledger = new Set<string>();
  const commands = {
    check: [join(programs, 'check'), '-t'],
    reload: reload ? [join(programs, 'reload')] : [],
    patience,
  };
  const backend = apacheRequire(flavour, file, () => ledger, commands);
  const change = (verb: 'block' | 'unblock', address: string, executor = realExecutor(20, { PATH })) => {
    if (verb === 'block') ledger.add(address);
    else ledger.delete(address);
    backend.apply({ verb, known: false, address: parseTarget(address) }, executor);
  };
  return {
    file,
    ledger,
    change,
    block: (address: string) => change('block', address),
    unblock: (address: string) => change('unblock', address),
    break: (what: 'check' | 'reload') => writeFileSync(join(directory, `${what}-fails`), ''),
    text: () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined),
    /** The programs that ran since the last call. */
    ran: () => {
      const ran = join(directory, 'ran');
      const words = existsSync(ran) ? readFileSync(ran, 'utf8').trim().split(/\s+/).filter(Boolean) : [];
      writeFileSync(ran, '');
      return words;
    },
    listed: () => [...backend.list(realExecutor(1, {})).keys()],
    files: () => readdirSync(join(directory, 'conf')),
    beside: (suffix: string) => join(directory, `conf/.deny.conf.${suffix}`),
  };
}

test('writes a line for each entry, in alphabetical order', () => {
  assert.is(
    render(fileOf('apache24', '/deny'), ['203.0.113.9', '198.51.100.0/24', '2001:db8::9']),
    `${FIRST_LINE}Require not ip 198.51.100.0/24\nRequire not ip 2001:db8::9\nRequire not ip 203.0.113.9\n`,
  );
  assert.is(render(fileOf('apache22', '/deny'), []), FIRST_LINE);
});

test('writes the ledger’s entries, checks, and reloads for a block', () => {
  const it = scene();
  it.ledger.add('198.51.100.0/24');
  it.block('203.0.113.9');
  assert.is(it.text(), `${FIRST_LINE}Require not ip 198.51.100.0/24\nRequire not ip 203.0.113.9\n`);
  assert.equal(it.ran(), ['check', 'reload']);
  assert.equal(it.listed(), ['198.51.100.0/24', '203.0.113.9']);
  assert.equal(it.files(), ['deny.conf']);
});

test('uses Deny from for Apache 2.2', () => {
  const it = scene({ flavour: 'apache22' });
  it.block('2001:db8::/48');
  assert.is(it.text(), `${FIRST_LINE}Deny from 2001:db8::/48\n`);
  assert.equal(it.listed(), ['2001:db8::/48']);
});

test('removes the entry, checks, and reloads for an unblock', () => {
  const it = scene({ text: `${FIRST_LINE}Require not ip 203.0.113.9\n` });
  it.ledger.add('203.0.113.9');
  it.unblock('203.0.113.9');
  assert.is(it.text(), FIRST_LINE);
  assert.equal(it.ran(), ['check', 'reload']);
});

test('does nothing when another process has published the change', () => {
  const it = scene({ text: `${FIRST_LINE}Require not ip 203.0.113.9\n` });
  it.block('203.0.113.9');
  assert.equal(it.ran(), []);
  it.unblock('198.51.100.1');
  assert.equal(it.ran(), []);
  assert.is(it.text(), `${FIRST_LINE}Require not ip 203.0.113.9\n`);
});

test('publishes again when the previous process may not have reloaded', () => {
  const it = scene({ text: `${FIRST_LINE}Require not ip 203.0.113.9\n` });
  writeFileSync(it.beside('unfinished'), '4711\n');
  it.block('203.0.113.9');
  assert.equal(it.ran(), ['check', 'reload']);
  assert.equal(it.files(), ['deny.conf']);
});

test('distinguishes an entry from a longer entry that contains it', () => {
  const it = scene({ text: `${FIRST_LINE}Require not ip 203.0.113.99\n#Require not ip 203.0.113.9\n` });
  it.ledger.add('203.0.113.99');
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.9', '203.0.113.99']);
});

for (const what of ['check', 'reload'] as const) {
  test(`restores the old file and throws the program’s error when the ${what} fails`, () => {
    const old = `${FIRST_LINE}Require not ip 198.51.100.1\n`;
    const it = scene({ text: old });
    it.ledger.add('198.51.100.1');
    it.break(what);
    refuses(() => it.block('203.0.113.9'), EX.UNAVAILABLE, new RegExp(`/${what}: Syntax error on line 3$`));
    assert.is(it.text(), old);
    assert.equal(it.ran(), what === 'check' ? ['check'] : ['check', 'reload']);
    assert.equal(it.files(), ['deny.conf']);
  });

  test(`leaves no file when the ${what} fails and none existed`, () => {
    const it = scene();
    it.break(what);
    refuses(() => it.block('203.0.113.9'), EX.UNAVAILABLE, /Syntax error/);
    assert.is(it.text(), undefined);
    assert.equal(it.files(), []);
  });
}

test('restores the old file when a program is missing', () => {
  const file = join(temporaryDirectory(), 'deny.conf');
  writeFileSync(file, FIRST_LINE);
  const commands = { check: ['/nowhere/apachectl', 'configtest'], reload: [], patience: 5 };
  const backend = apacheRequire('apache24', file, () => ['203.0.113.9'], commands);
  const change = { verb: 'block', known: false, address: parseTarget('203.0.113.9') } as const;
  refuses(() => backend.apply(change, realExecutor(20, { PATH })), EX.UNAVAILABLE, /^\/nowhere\/apachectl /);
  assert.is(readFileSync(file, 'utf8'), FIRST_LINE);
});

test('does not reload without a reload command', () => {
  const it = scene({ reload: false });
  it.block('203.0.113.9');
  assert.equal(it.ran(), ['check']);
  assert.equal(it.listed(), ['203.0.113.9']);
});

test('names the lock when another process holds it for too long', () => {
  const it = scene({ patience: 0.1 });
  writeFileSync(it.beside('lock'), `${process.pid}\n`);
  refuses(
    () => it.block('203.0.113.9'),
    EX.TEMPFAIL,
    /\.deny\.conf\.lock has been held by process \d+ for more than 0\.1 s$/,
  );
  assert.is(it.text(), undefined);
  assert.equal(it.ran(), []);
});

test('stops waiting for the lock when its change is published', () => {
  const it = scene({ text: `${FIRST_LINE}Require not ip 203.0.113.9\n`, patience: 0.1 });
  writeFileSync(it.beside('lock'), `${process.pid}\n`);
  it.block('203.0.113.9');
  assert.equal(it.ran(), []);
});

test('changes and runs nothing in a dry run, and prints the changes', () => {
  const it = scene();
  const said: string[] = [];
  const executor = dryExecutor(20, { PATH }, (line) => said.push(line));
  it.change('block', '203.0.113.9', executor);
  it.change('unblock', '203.0.113.9', executor);
  assert.is(it.text(), undefined);
  assert.equal(it.ran(), []);
  assert.equal(it.files(), []);
  assert.is(said[0], `would write ${it.file} with 'Require not ip 203.0.113.9'`);
  assert.match(said[1] ?? '', /^would run: .*\/check -t$/);
  assert.match(said[2] ?? '', /^would run: .*\/reload$/);
  assert.is(said[3], `would write ${it.file} without 'Require not ip 203.0.113.9'`);
});

test('lists nothing when the file is missing', () => {
  assert.equal(scene().listed(), []);
});

test.run();
