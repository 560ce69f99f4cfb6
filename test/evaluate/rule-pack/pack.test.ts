import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LONGEST_PACK, readPack, rulesVersion } from '../../../evaluate/rule-pack/pack.ts';
import { PROJECT_KEY } from '../../../evaluate/rule-pack/public-key.ts';
import { KEY, LATER, PUBLIC, packOf } from './packs.ts';

const read = (text: string | Buffer, { program = '0.2.0', keys = [PROJECT_KEY, PUBLIC] } = {}) =>
  readPack(Buffer.from(text), 'pack.json', program, keys);
const refuses = (text: string | Buffer, why: RegExp, options = {}) =>
  assert.throws(
    () => read(text, options),
    ({ message }: Error) => why.test(message) && message.endsWith('; nothing was changed'),
  );

test('reads a signed pack', () => {
  const pack = read(packOf({ 'rules/a.xml': '<group/>' }));
  assert.is(pack.version, LATER);
  assert.ok(pack.isSigned);
  assert.equal([...pack.files], [['rules/a.xml', '<group/>']]);
  assert.match(pack.name, /^29990101\.000000-[0-9a-f]{16}\.json$/);
});

test('reads an unsigned pack, and reports the missing signature', () => {
  assert.not.ok(read(packOf({}, { key: null })).isSigned);
});

test('makes the same bytes from the same files', () => {
  assert.is(packOf({ a: 'b' }), packOf({ a: 'b' }));
});

test('refuses a signature when none of the keys matches, or the key is invalid', () => {
  refuses(packOf({}, { key: generateKeyPairSync('ed25519').privateKey }), /signed by another key/);
  refuses(packOf({}), /signed by another key/, { keys: [PROJECT_KEY] });
  refuses(packOf({}), /signed by another key/, { keys: ['no key'] });
});

test('refuses a pack when one of its parts was changed', () => {
  const envelope = JSON.parse(packOf({ 'rules/a.xml': 'text' }));
  const content = gzipSync(JSON.stringify({ 'rules/a.xml': 'other' })).toString('base64');
  for (const change of [{ version: '29990102.000000' }, { needs: '0.1.9' }, { content }])
    refuses(JSON.stringify({ ...envelope, ...change }), /damaged, or signed by another key/);
});

test('refuses a pack with any byte changed, or cut anywhere', () => {
  const text = packOf({ 'rules/a.xml': 'text' });
  for (let at = 0; at < text.length - 1; at++) {
    const changed = Buffer.from(text);
    changed[at] = (changed[at] ?? 0) ^ 2;
    assert.throws(() => read(changed), /nothing was changed/, `byte ${at}`);
    assert.throws(() => read(text.slice(0, at)), /nothing was changed/, `cut at ${at}`);
  }
});

test('names the kind of a text that is not a pack', () => {
  refuses('', /is empty/);
  refuses('<!DOCTYPE html><html>', /is a web page/);
  refuses('{"a": 1}', /is not a pack of rules/);
  refuses('[]', /is not a pack of rules/);
  refuses('null', /is not a pack of rules/);
  refuses(packOf({}).slice(0, 100), /is damaged: it does not end/);
  refuses(Buffer.alloc(LONGEST_PACK + 1, 0x20), /has more than 4 MB/);
});

test('refuses a pack whose files exceed the size limit when they are unpacked', () => {
  const large = packOf({ 'rules/a.xml': 'x'.repeat(33 * 1024 * 1024) });
  assert.ok(large.length < LONGEST_PACK);
  refuses(large, /its files cannot be unpacked/);
});

test('refuses a pack for a newer Riposte, and a pack in a newer format', () => {
  refuses(packOf({}, { needs: '0.10.0' }), /is for Riposte 0\.10\.0 or newer, and this is 0\.9\.1/, {
    program: '0.9.1',
  });
  assert.ok(read(packOf({}, { needs: '0.2.0' }), { program: '0.2.0' }));
  assert.ok(read(packOf({}, { needs: '9.9.9' }), { program: 'source' }));
  const form = { ...JSON.parse(packOf({})), format: 2 };
  refuses(JSON.stringify(form), /update Riposte first/);
});

test('gives later commits greater versions', () => {
  assert.is(rulesVersion(1_796_000_000), '20261130.005320');
  assert.ok(rulesVersion(1_796_000_001) > rulesVersion(1_796_000_000));
  assert.is(KEY.asymmetricKeyType, 'ed25519');
});

test.run();
