import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { headOf, type Position, positionsFile } from '../../../cli/logs/position.ts';
import {
  readKnownPositions,
  readState,
  type State,
  savePositions,
  writeState,
} from '../../../cli/serve/state.ts';

const test = suite('state');
const root = mkdtempSync(join(tmpdir(), 'riposte-state-'));
const home = homeAt(root);
const position: Position = { offset: 7, head: headOf(Buffer.from('a')), time: '2026-11-20T09:00:00.000Z' };

test.before(() => {
  mkdirSync(dirname(home.journal), { recursive: true });
});
test.after(() => rmSync(root, { recursive: true }));

const DAMAGED = ['', '{', 'null', '[]', '7', '{"/a":null}', '{"/a":{"offset":-1}}', '{"/a":{"offset":1}}'];

test('a damaged positions.json is warned of, and is none', () => {
  for (const text of DAMAGED) {
    writeFileSync(positionsFile(home), text);
    const warnings: string[] = [];
    assert.equal(
      readKnownPositions(home, (warning) => warnings.push(warning)),
      {},
      text,
    );
    assert.is(warnings.length, 1, text);
    assert.match(warnings[0] ?? '', positionsFile(home));
  }
});

test('positions are saved over a damaged file', async () => {
  writeFileSync(positionsFile(home), '{');
  await savePositions(home, [{ path: '/a', position }]);
  assert.equal(readKnownPositions(home, assert.unreachable), { '/a': position });
});

test('what a scan has read meanwhile stays, and that of a log that nobody has begun to read', async () => {
  writeFileSync(positionsFile(home), JSON.stringify({ '/a': position, '/b': position }));
  await savePositions(home, [
    { path: '/a', position: { ...position, offset: 9 } },
    { path: '/b', position: undefined },
  ]);
  assert.equal(readKnownPositions(home, assert.unreachable), {
    '/a': { ...position, offset: 9 },
    '/b': position,
  });
});

test('a damaged serve.json is none', async () => {
  const file = join(dirname(home.journal), 'serve.json');
  for (const text of ['', '{', 'null', '7', '{"pid":1}']) {
    writeFileSync(file, text);
    assert.is(readState(home), undefined, text);
  }
  const state = { pid: 1, logs: [] } as unknown as State;
  await writeState(home, state);
  assert.equal(readState(home), state);
});

test.run();
