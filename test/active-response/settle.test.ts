import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTarget } from '../../active-response/address.ts';
import type { Backend, Change } from '../../active-response/backend/backend.ts';
import { realExecutor } from '../../active-response/backend/execute.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { homeAt } from '../../active-response/home.ts';
import { type Block, endBlock, readBlock, writeBlock } from '../../active-response/ledger.ts';
import { secondsLeft, settle } from '../../active-response/settle.ts';
import { errorOf, temporaryDirectory } from './support.ts';

const ADDRESS = '203.0.113.9';

const blockOf = (some: Partial<Block> = {}): Block => ({
  address: ADDRESS,
  response: 'firewall-drop',
  backend: 'memory',
  since: '2026-11-20T09:00:00.000Z',
  until: null,
  offence: 1,
  ...some,
});

/** A ledger and two backends that live in memory: what they hold, what they were asked, and what happens meanwhile. */
function scene() {
  const home = homeAt(temporaryDirectory());
  const holds: Record<string, Set<string>> = { memory: new Set(), other: new Set() };
  const asked: string[] = [];
  /** Each runs while one change is being applied, as another process might. */
  const meanwhile: (() => void)[] = [];
  const backendOf = (name: string): Backend => ({
    name,
    apply({ verb, address, known }: Change) {
      asked.push(`${verb} ${name}${known ? ' known' : ''}`);
      if (verb === 'block') holds[name]?.add(address.text);
      else holds[name]?.delete(address.text);
      meanwhile.shift()?.();
    },
    list: () => new Map([...(holds[name] ?? [])].map((address) => [address, {}])),
  });
  return {
    home,
    asked,
    meanwhile,
    write: (block: Block) => writeBlock(home, block),
    end: () => endBlock(home, 'firewall-drop', ADDRESS),
    settle: (before: Block | undefined) =>
      settle(parseTarget(ADDRESS), before, {
        home,
        response: 'firewall-drop',
        backendOf,
        executor: realExecutor(1, {}),
      }),
    /** Fails unless the backends hold exactly what the ledger says. */
    checkAlike() {
      const wanted = readBlock(home, 'firewall-drop', ADDRESS)?.backend;
      for (const [name, addresses] of Object.entries(holds))
        assert.equal([...addresses], name === wanted ? [ADDRESS] : [], name);
    },
  };
}

test('a new block is applied as one that is not known', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  assert.equal(it.asked, ['block memory']);
  it.checkAlike();
});

test('a block that was there before is applied again, as a known one', () => {
  const it = scene();
  it.write(blockOf({ offence: 2 }));
  it.settle(blockOf());
  assert.equal(it.asked, ['block memory known']);
  it.checkAlike();
});

test('a block that has ended is taken away', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  it.end();
  it.settle(blockOf());
  assert.equal(it.asked, ['block memory', 'unblock memory known']);
  it.checkAlike();
});

test('nothing before and nothing now asks nobody', () => {
  const it = scene();
  it.settle(undefined);
  assert.equal(it.asked, []);
});

test('another backend takes the block over, and the old one lets go behind it', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  it.write(blockOf({ backend: 'other' }));
  it.settle(blockOf());
  assert.equal(it.asked.slice(1), ['block other known', 'unblock memory known']);
  it.checkAlike();
});

test('a delete that comes while a block is applied is followed', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(() => it.end());
  it.settle(undefined);
  assert.equal(it.asked, ['block memory', 'unblock memory known']);
  it.checkAlike();
});

test('a block that comes while one is taken away is followed', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  it.end();
  it.meanwhile.push(() => it.write(blockOf({ offence: 2 })));
  it.settle(blockOf());
  assert.equal(it.asked.slice(1), ['unblock memory known', 'block memory known']);
  it.checkAlike();
});

test('a new time that comes while a block is applied is followed', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(() => it.write(blockOf({ until: '2099-01-01T00:00:00.000Z' })));
  it.settle(undefined);
  assert.equal(it.asked, ['block memory', 'block memory known']);
  it.checkAlike();
});

test('a change of backend that comes while a block is applied is followed', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(() => it.write(blockOf({ backend: 'other' })));
  it.settle(undefined);
  assert.equal(it.asked, ['block memory', 'block other known', 'unblock memory known']);
  it.checkAlike();
});

test('several changes in a row are all followed', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(
    () => it.end(),
    () => it.write(blockOf({ offence: 2 })),
    () => it.write(blockOf({ backend: 'other', offence: 2 })),
    () => it.end(),
  );
  it.settle(undefined);
  it.checkAlike();
  assert.is(it.meanwhile.length, 0);
});

test('the seconds that are left go to the backend, and none for a block without an end', () => {
  const { home } = scene();
  const seen: (number | undefined)[] = [];
  for (const until of ['2000-01-01T00:00:00.000Z', null]) {
    writeBlock(home, blockOf({ until }));
    settle(parseTarget(ADDRESS), undefined, {
      home,
      response: 'firewall-drop',
      backendOf: (name) => ({ name, apply: ({ seconds }) => seen.push(seconds), list: () => new Map() }),
      executor: realExecutor(1, {}),
    });
  }
  assert.equal(seen, [1, undefined]);
});

test('what a backend cannot do is passed on', () => {
  const it = scene();
  const failure = new RiposteError(EX.NOPERM, 'nft: not permitted');
  it.write(blockOf());
  it.meanwhile.push(() => {
    throw failure;
  });
  assert.is(
    errorOf(() => it.settle(undefined)),
    failure,
  );
});

test('seconds are whole, rounded up, and at least one', () => {
  const now = Date.parse('2026-11-20T09:00:00.000Z');
  const left = (until: string | null) => secondsLeft(blockOf({ until }), now);
  assert.is(left('2026-11-20T09:10:00.000Z'), 600);
  assert.is(left('2026-11-20T09:00:00.001Z'), 1);
  assert.is(left('2026-11-20T09:00:01.001Z'), 2);
  assert.is(left('2026-11-20T09:00:00.000Z'), 1);
  assert.is(left('2026-11-20T08:00:00.000Z'), 1);
  assert.is(left(null), undefined);
});

test.run();
