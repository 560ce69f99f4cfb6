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
import { parseTarget } from '../../../../active-response/address.ts';
import { apacheMap } from '../../../../active-response/backend/apache/map.ts';
import { parseMap } from '../../../../active-response/backend/apache/map-lines.ts';
import { dryExecutor, realExecutor } from '../../../../active-response/backend/execute.ts';
import { EX } from '../../../../active-response/errors.ts';
import { childProgram, refuses, runChild, temporaryDirectory } from '../../support.ts';

const HEADER =
  '# Addresses that Apache denies (RewriteMap, see httpd.conf.d/deny-map.conf). Riposte edits this file.\n';

/** A map file of its own, with this text when there is one, for a ledger with these entries. */
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

test('to block is to append a line', () => {
  const it = mapWith(HEADER);
  it.block('203.0.113.9');
  it.block('2001:db8::9');
  assert.is(it.text(), `${HEADER}203.0.113.9 deny\n2001:db8::9 deny\n`);
  assert.equal(it.listed(), ['203.0.113.9', '2001:db8::9']);
});

test('to block twice is to append once', () => {
  const it = mapWith(HEADER);
  it.block('203.0.113.9');
  it.block('203.0.113.9');
  assert.is(it.text(), `${HEADER}203.0.113.9 deny\n`);
});

test('to unblock is to make the line a comment', () => {
  const it = mapWith(`${HEADER}203.0.113.8 deny\n203.0.113.9 deny\n203.0.113.10 deny\n`);
  it.unblock('203.0.113.9');
  assert.is(it.text(), `${HEADER}203.0.113.8 deny\n#03.0.113.9 deny\n203.0.113.10 deny\n`);
  assert.equal(it.listed(), ['203.0.113.8', '203.0.113.10']);
});

test('a line that stands there twice is taken away twice', () => {
  const it = mapWith(`${HEADER}203.0.113.9 deny\n203.0.113.9 deny\n`);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('an address that is a part of another one is not taken for it', () => {
  const it = mapWith(`${HEADER}203.0.113.99 deny\n3.0.113.9 deny\n`);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.99', '3.0.113.9']);
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.99', '3.0.113.9', '203.0.113.9']);
});

test('to unblock what is not there, and in a file that is not there, changes nothing', () => {
  const it = mapWith(`${HEADER}203.0.113.8 deny\n`);
  it.unblock('203.0.113.9');
  assert.is(it.text(), `${HEADER}203.0.113.8 deny\n`);
  const none = mapWith();
  none.unblock('203.0.113.9');
  assert.not(existsSync(none.file));
});

test('an address is blocked, unblocked and blocked again', () => {
  const it = mapWith(HEADER);
  for (const _ of [1, 2, 3]) {
    it.block('203.0.113.9');
    assert.equal(it.listed(), ['203.0.113.9']);
    it.unblock('203.0.113.9');
    assert.equal(it.listed(), []);
  }
});

test('a last line without its end does not swallow the next', () => {
  const it = mapWith(`${HEADER}203.0.113.8 den`);
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.9']);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('an empty file, as it is made before Apache starts, takes the first address', () => {
  const it = mapWith('');
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['203.0.113.9']);
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('a file of the administrator’s that begins with the address is edited like others', () => {
  const it = mapWith('203.0.113.9 deny\n');
  it.block('203.0.113.9');
  assert.is(it.text(), '203.0.113.9 deny\n');
  it.unblock('203.0.113.9');
  assert.equal(it.listed(), []);
});

test('a missing file is made from the ledger, with its directory, for Apache to read', () => {
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

test('who was unblocked while the missing file was made is not in it; who was blocked again by then is', () => {
  const file = join(temporaryDirectory(), 'deny.map');
  const [gone, back, stays] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
  const ledgers = [[gone, back, stays], [stays], [back, stays]];
  let looks = 0;
  const map = apacheMap(file, () => ledgers[Math.min(looks++, ledgers.length - 1)] ?? []);
  const executor = realExecutor(1, {});
  map.apply({ verb: 'block', known: false, address: parseTarget(stays) }, executor);
  assert.equal([...map.list(executor).keys()].sort(), [back, stays]);
});

test('a missing directory is made so that Apache’s user can enter it', () => {
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

test('an address that the ledger lost meanwhile is blocked all the same', () => {
  const it = mapWith(undefined, ['198.51.100.1']);
  it.block('203.0.113.9');
  assert.equal(it.listed(), ['198.51.100.1', '203.0.113.9']);
});

test('a prefix cannot be blocked, and the message says what can', () => {
  const it = mapWith(HEADER);
  refuses(
    () => it.block('198.51.100.0/24'),
    EX.CONFIG,
    /^198\.51\.100\.0\/24: a RewriteMap holds no prefixes \(APACHE_DENY=apache24 does, with a file of its own\)$/,
  );
  assert.is(it.text(), HEADER);
  it.unblock('198.51.100.0/24');
  assert.is(it.text(), HEADER);
});

test('each change gives the file a time of change that it never had', () => {
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

test('the file stays the same one, so that its owner, mode and links do', () => {
  const it = mapWith(HEADER);
  chmodSync(it.file, 0o640);
  const { ino } = statSync(it.file);
  it.block('203.0.113.9');
  it.unblock('203.0.113.9');
  assert.is(statSync(it.file).ino, ino);
  assert.is(statSync(it.file).mode & 0o777, 0o640);
});

test('a dry run changes nothing and says what it would do', () => {
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

test('a file that cannot be written is an error that names it', () => {
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

test('the addresses of a map are those of its whole lines, without comments and other values', () => {
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
  test(`of many processes that change ${text === undefined ? 'a missing file' : 'the file'} at once, none loses another’s change`, async () => {
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

test('a line that nothing ends, and one that ends as on Windows, are taken out', () => {
  for (const line of ['203.0.113.9 deny', '203.0.113.9 deny\r\n', '203.0.113.9 deny \n']) {
    const { listed, text, unblock } = mapWith(`${HEADER}${line}`);
    assert.equal(listed(), ['203.0.113.9']);
    unblock('203.0.113.9');
    assert.is(text(), `${HEADER}#${line.slice(1)}`);
  }
});

test('each change gives the file a time that it never had: Apache keeps what it looked up until then', () => {
  const { block, file } = mapWith('');
  const times = Array.from({ length: 50 }, (_, index) => {
    block(`203.0.113.${index + 1}`);
    return statSync(file, { bigint: true }).mtimeNs;
  });
  assert.is(new Set(times).size, 50);
});

test('a file that is replaced meanwhile is changed again', () => {
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
