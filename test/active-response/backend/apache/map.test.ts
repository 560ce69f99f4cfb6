import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apacheMap } from '../../../../active-response/backend/apache/map.ts';
import { parseMap } from '../../../../active-response/backend/deny-file/map-lines.ts';
import { parseTarget } from '../../../../base/address.ts';
import { EX } from '../../../../base/errors.ts';
import { dryExecutor, realExecutor } from '../../../../base/execute.ts';
import { childProgram, runChild } from '../../child.ts';
import { refuses, temporaryDirectory } from '../../support.ts';

const HEADER =
  '# Addresses that Apache denies (RewriteMap, see httpd.conf.d/deny-map.conf). Riposte edits this file.\n';

/** A separate map file, with this text if given, for a ledger with these entries. */
function mapWith(text?: string, entries: string[] = []) {
  const directory = temporaryDirectory();
  const file = join(directory, 'deny.map');
  if (text !== undefined) writeFileSync(file, text);
  const map = apacheMap(file, () => entries);
  const executor = realExecutor(1, {});
  const change = (verb: 'block' | 'unblock') => (address: string) =>
    map.apply({ verb, known: false, address: parseTarget(address) }, executor);
  return {
    file,
    map,
    block: change('block'),
    unblock: change('unblock'),
    text: () => readFileSync(file, 'utf8'),
    listed: () => [...map.list(executor).keys()],
    files: () => readdirSync(directory),
  };
}

test('appends a line for a block', () => {
  const it = mapWith(HEADER);
  it.block('203.0.113.9');
  it.block('2001:db8::9');
  assert.is(it.text(), `${HEADER}203.0.113.9 deny\n2001:db8::9 deny\n`);
  assert.equal(it.listed(), ['203.0.113.9', '2001:db8::9']);
});

test('appends one line when an address is blocked twice', () => {
  const it = mapWith(HEADER);
  it.block('203.0.113.9');
  it.block('203.0.113.9');
  assert.is(it.text(), `${HEADER}203.0.113.9 deny\n`);
});

test('comments out the line for an unblock', () => {
  const it = mapWith(`${HEADER}203.0.113.8 deny\n203.0.113.9 deny\n203.0.113.10 deny\n`);
  it.unblock('203.0.113.9');
  assert.is(it.text(), `${HEADER}203.0.113.8 deny\n#03.0.113.9 deny\n203.0.113.10 deny\n`);
  assert.equal(it.listed(), ['203.0.113.8', '203.0.113.10']);
});

test('comments out both lines of an address that has two lines', () => {
  const it = mapWith(`${HEADER}203.0.113.9 deny\n203.0.113.9 deny\n`);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('distinguishes an address from a longer address that contains it', () => {
  const it = mapWith(`${HEADER}203.0.113.99 deny\n3.0.113.9 deny\n`);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.99', '3.0.113.9']);
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.99', '3.0.113.9', '203.0.113.9']);
});

test('changes nothing when the unblocked address or the file is missing', () => {
  const it = mapWith(`${HEADER}203.0.113.8 deny\n`);
  it.unblock('203.0.113.9');
  assert.is(it.text(), `${HEADER}203.0.113.8 deny\n`);
  const none = mapWith();
  none.unblock('203.0.113.9');
  assert.not(existsSync(none.file));
});

test('blocks an address again after an unblock', () => {
  const it = mapWith(HEADER);
  for (const _ of [1, 2, 3]) {
    it.block('203.0.113.9');
    assert.equal(it.listed(), ['203.0.113.9']);
    it.unblock('203.0.113.9');
    assert.equal(it.listed(), []);
  }
});

test('begins a new line when the last line of the file has no newline', () => {
  const it = mapWith(`${HEADER}203.0.113.8 den`);
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.9']);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('adds the first address to an empty file, which must exist before Apache starts', () => {
  const it = mapWith('');
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.9']);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('edits an administrator’s file that begins with an address', () => {
  const it = mapWith('203.0.113.9 deny\n');
  it.block('203.0.113.9');
  assert.is(it.text(), '203.0.113.9 deny\n');
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('creates a missing file from the ledger, and lets every account read it', () => {
  const it = mapWith(undefined, ['198.51.100.1', '203.0.113.9']);
  const umask = process.umask(0o022);
  try {
    it.block('203.0.113.9');
  } finally {
    process.umask(umask);
  }
  assert.is(it.text(), `${HEADER}198.51.100.1 deny\n203.0.113.9 deny\n`);
  assert.is(statSync(it.file).mode & 0o777, 0o644);
  assert.equal(it.files(), ['deny.map']);
});

test('follows unblocks and new blocks that other processes make while it creates the file', () => {
  const file = join(temporaryDirectory(), 'deny.map');
  const [gone, back, stays] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
  const ledgers = [[gone, back, stays], [stays], [back, stays]];
  let looks = 0;
  const map = apacheMap(file, () => ledgers[Math.min(looks++, ledgers.length - 1)] ?? []);
  const executor = realExecutor(1, {});
  map.apply({ verb: 'block', known: false, address: parseTarget(stays) }, executor);
  assert.equal([...map.list(executor).keys()].sort(), [back, stays]);
});

test('creates a directory that Apache’s user can enter', () => {
  const file = join(temporaryDirectory(), 'apache/deny.map');
  const umask = process.umask(0o022);
  try {
    apacheMap(file, () => []).apply(
      { verb: 'block', known: false, address: parseTarget('203.0.113.9') },
      realExecutor(1, {}),
    );
  } finally {
    process.umask(umask);
  }
  assert.is(statSync(join(file, '..')).mode & 0o777, 0o755);
  assert.equal(parseMap(readFileSync(file, 'utf8')), ['203.0.113.9']);
});

test('blocks an address that is not in the ledger when it creates the file', () => {
  const it = mapWith(undefined, ['198.51.100.1']);
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['198.51.100.1', '203.0.113.9']);
});

test('refuses a prefix, and names the setting that allows it', () => {
  const it = mapWith(HEADER);
  refuses(
    () => it.block('198.51.100.0/24'),
    EX.CONFIG,
    /^198\.51\.100\.0\/24: a RewriteMap holds no prefixes; set APACHE_DENY=apache24, with a file of its own$/,
  );
  assert.is(it.text(), HEADER);
  it.unblock('198.51.100.0/24');
  assert.is(it.text(), HEADER);
});

test('gives the file a new modification time at each change', () => {
  const it = mapWith(HEADER);
  const times = new Set<bigint>();
  for (let i = 1; i <= 100; i++) {
    it.block(`203.0.113.${i}`);
    times.add(statSync(it.file, { bigint: true }).mtimeNs);
    it.unblock(`203.0.113.${i}`);
    times.add(statSync(it.file, { bigint: true }).mtimeNs);
  }
  assert.is(times.size, 200);
});

test('keeps the same file, with its owner, mode and links', () => {
  const it = mapWith(HEADER);
  chmodSync(it.file, 0o640);
  const { ino } = statSync(it.file);
  it.block('203.0.113.9');
  it.unblock('203.0.113.9');
  assert.is(statSync(it.file).ino, ino);
  assert.is(statSync(it.file).mode & 0o777, 0o640);
});

test('changes nothing in a dry run, and prints the changes', () => {
  const it = mapWith(HEADER);
  const said: string[] = [];
  const executor = dryExecutor(1, {}, (line) => said.push(line));
  for (const verb of ['block', 'unblock'] as const)
    it.map.apply({ verb, known: false, address: parseTarget('203.0.113.9') }, executor);
  assert.is(it.text(), HEADER);
  assert.equal(said, [
    `would append '203.0.113.9 deny' to ${it.file}`,
    `would comment out 203.0.113.9 in ${it.file}`,
  ]);
});

test('names the file when it cannot be written', () => {
  const file = join(temporaryDirectory(), 'deny.map');
  mkdirSync(file);
  const map = apacheMap(file, () => []);
  const change = { verb: 'block', known: false, address: parseTarget('203.0.113.9') } as const;
  refuses(
    () => map.apply(change, realExecutor(1, {})),
    EX.IOERR,
    new RegExp(`^cannot write ${file}: it is a directory$`),
  );
});

test('lists only whole lines, without comments and other values', () => {
  assert.equal(
    parseMap(
      `${HEADER}203.0.113.9 deny\n#03.0.113.8 deny\n203.0.113.7 allow\n 203.0.113.6 deny\n2001:db8::9 deny\n203.0.113.5 deny x\n\n`,
    ),
    ['203.0.113.9', '2001:db8::9'],
  );
  assert.equal([...mapWith().map.list(realExecutor(1, {}))], []);
});

const writer = await childProgram('backend/apache/map-writer.ts');

for (const text of [HEADER, undefined]) {
  test(`loses no change when many processes edit ${text === undefined ? 'a missing file' : 'the file'} at once`, async () => {
    const it = mapWith(text);
    const children = await Promise.all(
      Array.from({ length: 8 }, (_, index) => runChild(writer, [it.file, String(index), '20'])),
    );
    for (const { status, stderr } of children) assert.is(status, 0, stderr);
    const expected = Array.from({ length: 8 }, (_, index) =>
      Array.from({ length: 10 }, (_, host) => `198.51.${index}.${2 * host + 1}`),
    ).flat();
    assert.equal(it.listed().sort(), expected.sort());
    assert.equal(it.files(), ['deny.map']);
  });
}

test('comments out a last line without a newline, and a line with CRLF', () => {
  for (const line of ['203.0.113.9 deny', '203.0.113.9 deny\r\n', '203.0.113.9 deny \n']) {
    const { listed, text, unblock } = mapWith(`${HEADER}${line}`);
    assert.equal(listed(), ['203.0.113.9']);
    unblock('203.0.113.9');
    assert.is(text(), `${HEADER}#${line.slice(1)}`);
  }
});

test('gives the file another modification time at each of fifty fast changes', () => {
  const { block, file } = mapWith('');
  const times = Array.from({ length: 50 }, (_, index) => {
    block(`203.0.113.${index + 1}`);
    return statSync(file, { bigint: true }).mtimeNs;
  });
  assert.is(new Set(times).size, 50);
});

test('repeats its edit when the file is replaced meanwhile', () => {
  const { block, file, listed } = mapWith(HEADER);
  const { futimesSync } = fs;
  fs.futimesSync = (...args) => {
    fs.futimesSync = futimesSync;
    syncBuiltinESMExports();
    futimesSync(...args);
    writeFileSync(`${file}.new`, HEADER);
    fs.renameSync(`${file}.new`, file);
  };
  syncBuiltinESMExports();
  block('203.0.113.9');
  assert.equal(listed(), ['203.0.113.9']);
});

test.run();
