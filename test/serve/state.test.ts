import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { headOf, type Position, positionsFile } from '../../logs/files/position.ts';
import {
  readKnownPositions,
  readState,
  type ServerState,
  savePositions,
  writeState,
} from '../../serve/state.ts';

const test = suite('state');
const root = mkdtempSync(join(tmpdir(), 'riposte-state-'));
const home = homeAt(root);
const position: Position = { offset: 7, head: headOf(Buffer.from('a')), time: new Date().toISOString() };

test.before(() => {
  mkdirSync(dirname(home.journal), { recursive: true });
});
test.after(() => rmSync(root, { recursive: true }));

const DAMAGED = ['', '{', 'null', '[]', '7', '{"/a":null}', '{"/a":{"offset":-1}}', '{"/a":{"offset":1}}'];

test('warns about a damaged positions.json, and reads no positions', () => {
  for (const text of DAMAGED) {
    writeFileSync(positionsFile(home.data), text);
    const warnings: string[] = [];
    assert.equal(
      readKnownPositions(home, (warning) => warnings.push(warning)),
      {},
      text,
    );
    assert.is(warnings.length, 1, text);
    assert.match(warnings[0] ?? '', positionsFile(home.data));
  }
});

test('saves positions over a damaged file', async () => {
  writeFileSync(positionsFile(home.data), '{');
  await savePositions(home, [{ path: '/a', position }]);
  assert.equal(readKnownPositions(home, assert.unreachable), { '/a': position });
});

test('saves the new position of a log, and keeps the old position of a log that has not been read yet', async () => {
  writeFileSync(positionsFile(home.data), JSON.stringify({ '/a': position, '/b': position }));
  await savePositions(home, [
    { path: '/a', position: { ...position, offset: 9 } },
    { path: '/b', position: undefined },
  ]);
  assert.equal(readKnownPositions(home, assert.unreachable), {
    '/a': { ...position, offset: 9 },
    '/b': position,
  });
});

test('drops the position of a removed log a month after it was last read', async () => {
  const at = (days: number): Position => ({
    ...position,
    time: new Date(Date.now() - days * 86_400_000).toISOString(),
  });
  const old = { '/gone': at(31), '/lately': at(29), [root]: at(31), 'journal:web.service': at(31) };
  writeFileSync(positionsFile(home.data), JSON.stringify({ ...old, '/read': at(31) }));
  await savePositions(home, [{ path: '/read', position: at(31) }]);
  const kept = readKnownPositions(home, assert.unreachable);
  assert.equal(Object.keys(kept).sort(), [root, '/lately', '/read', 'journal:web.service'].sort());
});

test('reads no state from a damaged serve.json', async () => {
  const file = join(dirname(home.journal), 'serve.json');
  for (const text of ['', '{', 'null', '7', '{"pid":1}']) {
    writeFileSync(file, text);
    assert.is(readState(home), undefined, text);
  }
  const state = { pid: 1, logs: [] } as unknown as ServerState;
  await writeState(home, state);
  assert.equal(readState(home), state);
});

test.run();
