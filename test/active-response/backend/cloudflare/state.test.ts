import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  deliveryFiles,
  readState,
  writeState,
} from '../../../../active-response/backend/cloudflare/state.ts';
import { homeAt } from '../../../../active-response/home.ts';
import { temporaryDirectory } from '../../support.ts';

test('reads an empty state at first, and later the state that it wrote', () => {
  const home = homeAt(temporaryDirectory());
  assert.equal(readState(home), { confirmed: [], hasItems: false });
  const state = { confirmed: ['203.0.113.7'], hasItems: true, notBefore: 5 };
  writeState(home, state);
  assert.equal(readState(home), state);
});

test('assumes that the list has items when the state is damaged', () => {
  const home = homeAt(temporaryDirectory());
  const { state } = deliveryFiles(home);
  mkdirSync(dirname(state), { recursive: true });
  for (const text of ['', '{', 'null', '[]', '7', '{"confirmed":"203.0.113.7"}']) {
    writeFileSync(state, text);
    assert.equal(readState(home), { confirmed: [], hasItems: true }, text);
  }
});

test.run();
