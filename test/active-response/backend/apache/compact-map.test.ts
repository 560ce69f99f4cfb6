import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agree } from '../../../../active-response/backend/apache/compact-map.ts';
import { apacheMap } from '../../../../active-response/backend/apache/map.ts';
import { parseMap } from '../../../../active-response/backend/apache/map-lines.ts';
import { dryExecutor, realExecutor } from '../../../../active-response/backend/execute.ts';
import { childProgram, runChild, temporaryDirectory } from '../../support.ts';

const executor = realExecutor(1, {});
const dead = (count: number) =>
  Array.from({ length: count }, (_, i) => `#98.18.${i >> 8}.${i & 255} deny\n`).join('');

function mapWith(text: string) {
  const directory = temporaryDirectory();
  const file = join(directory, 'deny.map');
  writeFileSync(file, text, { mode: 0o640 });
  const ledger = join(directory, 'ledger');
  const tidy = (at = file, entries = (): string[] => []) => apacheMap(at, entries).tidy?.(executor) ?? [];
  return { directory, file, ledger, tidy };
}

test('a map that is mostly of lines that are no entries any more loses them, and nothing else', () => {
  const it = mapWith(`# mine\n203.0.113.9 deny\n${dead(2000)}2001:db8::9 deny\n# deny 203.0.113.1\n`);
  assert.equal(it.tidy(), [`${it.file}: 2000 lines that were no entries any more are gone`]);
  assert.is(
    readFileSync(it.file, 'utf8'),
    '# mine\n203.0.113.9 deny\n2001:db8::9 deny\n# deny 203.0.113.1\n',
  );
  assert.is(statSync(it.file).mode & 0o777, 0o640);
  assert.equal(readdirSync(it.directory), ['deny.map']);
  assert.equal(it.tidy(), []);
});

test('a small map, and one that is mostly of entries, are left as they are', () => {
  const entries = Array.from({ length: 3000 }, (_, i) => `198.18.${i >> 8}.${i & 255} deny\n`).join('');
  for (const text of ['', dead(100), entries + dead(2000)]) {
    const it = mapWith(text);
    assert.equal(it.tidy(), []);
    assert.is(readFileSync(it.file, 'utf8'), text);
  }
});

test('no map is no error, and a dry run changes none', () => {
  const directory = temporaryDirectory();
  assert.equal(apacheMap(join(directory, 'deny.map'), () => []).tidy?.(executor), []);
  const it = mapWith(dead(2000));
  assert.equal(apacheMap(it.file, () => []).tidy?.(dryExecutor(1, {}, () => {})), []);
  assert.is(readFileSync(it.file, 'utf8'), dead(2000));
});

test('through a link the file behind it is replaced, and the link stays', () => {
  const it = mapWith(`${dead(2000)}203.0.113.9 deny\n`);
  const link = join(it.directory, 'link.map');
  symlinkSync('deny.map', link);
  assert.is(it.tidy(link).length, 1);
  assert.is(readFileSync(it.file, 'utf8'), '203.0.113.9 deny\n');
  assert.is(readFileSync(link, 'utf8'), '203.0.113.9 deny\n');
});

test('while processes add and take out, a map that is made anew again and again loses nothing', async () => {
  const writer = await childProgram('backend/apache/map-writer.ts');
  const it = mapWith(dead(2000));
  mkdirSync(it.ledger);
  const children: number[] = [];
  // On a busy machine they may be done before it was made anew often enough: then others come.
  for (let times = 0; times <= 3; ) {
    const some = [1, 2, 3, 4].map((child) => children.length + child);
    children.push(...some);
    let running = some.length;
    const ended = Promise.all(
      some.map((child) =>
        runChild(writer, [it.file, String(child), '60', it.ledger]).then(({ status, stderr }) => {
          running--;
          assert.is(status, 0, stderr);
        }),
      ),
    );
    while (running > 0) {
      // Dead lines by hand, as if thousands had been taken out since.
      writeFileSync(it.file, dead(2000), { flag: 'a' });
      times += it.tidy(it.file, () => readdirSync(it.ledger)).length;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await ended;
  }
  const found = parseMap(readFileSync(it.file, 'latin1'));
  const wanted = children.flatMap((child) =>
    Array.from({ length: 30 }, (_, i) => `198.51.${child}.${2 * i + 1}`),
  );
  // Whoever adds one, and we as the ledger has it, may write the same line at once: taken out, both go.
  assert.equal([...new Set(found)].sort(), wanted.sort());
  assert.not(existsSync(join(it.directory, '.deny.map.lock')));
});

test('what the old file got while the new one was made, the new one says as the ledger has it', () => {
  const edits: string[] = [];
  const editing = {
    deny: (some: readonly string[]) => edits.push(`deny ${some}`),
    allow: (some: readonly string[]) => edits.push(`allow ${some}`),
  };
  // Asked a second time the ledger has let one go: whoever did that found no line in the new file to take out.
  const answers = [['203.0.113.7', '203.0.113.8'], ['203.0.113.7'], ['203.0.113.7']];
  agree(['203.0.113.8', '203.0.113.9'], editing, () => answers.shift() ?? []);
  assert.equal(edits, ['deny 203.0.113.8', 'allow 203.0.113.9', 'allow 203.0.113.8,203.0.113.9']);
  assert.equal(answers, []);
});

test.run();
