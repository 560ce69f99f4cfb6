import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyChanges, secondsLeft } from '../../active-response/apply-changes.ts';
import type { Backend, Change } from '../../active-response/backend/backend.ts';
import { type Home, homeAt } from '../../active-response/home.ts';
import { type Block, endBlock, readBlock, writeBlock } from '../../active-response/ledger.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { realExecutor } from '../../base/execute.ts';
import { errorOf, temporaryDirectory } from './support.ts';

const ADDRESS = '203.0.113.9';
const LATER = new Date(Date.now() + 3_600_000).toISOString();

const blockOf = (some: Partial<Block> = {}): Block => ({
  address: ADDRESS,
  response: 'firewall-drop',
  backend: 'memory',
  since: '2026-11-20T09:00:00.000Z',
  until: null,
  offence: 1,
  ...some,
});

/** Applies the ledger to the backends. @throws RiposteError when they fail */
function settle(
  home: Home,
  before: Block | undefined,
  backendOf: (name: string) => Backend,
  origin?: string,
): void {
  const wanted = readBlock(home, 'firewall-drop', ADDRESS);
  const context = {
    home,
    response: 'firewall-drop',
    backendOf,
    present: () => [],
    executor: realExecutor(1, {}),
  };
  const error = applyChanges([{ address: ADDRESS, before, wanted, origin }], context).get(ADDRESS);
  if (error) throw error;
}

/** A ledger, and two backends in memory that record their blocks and calls. `meanwhile` acts as other processes. */
function scene() {
  const home = homeAt(temporaryDirectory());
  const holds: Record<string, Set<string>> = { memory: new Set(), other: new Set() };
  const asked: string[] = [];
  /** Functions that act as another process. Each call of a backend runs the next function. */
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
    read: () => readBlock(home, 'firewall-drop', ADDRESS),
    end: () => endBlock(home, 'firewall-drop', ADDRESS),
    settle: (before: Block | undefined, origin?: string) => settle(home, before, backendOf, origin),
    /** Fails unless the backends hold exactly the ledger's blocks. */
    checkAlike() {
      const wanted = readBlock(home, 'firewall-drop', ADDRESS)?.backend;
      for (const [name, addresses] of Object.entries(holds))
        assert.equal([...addresses], name === wanted ? [ADDRESS] : [], name);
    },
  };
}

test('tells the backend that a new block is not in force yet', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  assert.equal(it.asked, ['block memory']);
  it.checkAlike();
});

test('tells the backend that a repeated block may be in force already', () => {
  const it = scene();
  it.write(blockOf({ offence: 2 }));
  it.settle(blockOf());
  assert.equal(it.asked, ['block memory known']);
  it.checkAlike();
});

test('removes a block that has ended', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  it.end();
  it.settle(blockOf());
  assert.equal(it.asked, ['block memory', 'unblock memory known']);
  it.checkAlike();
});

test('calls no backend when no block existed before and no block exists now', () => {
  const it = scene();
  it.settle(undefined);
  assert.equal(it.asked, []);
});

test('blocks with the new backend before it unblocks with the old backend', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  it.write(blockOf({ backend: 'other' }));
  it.settle(blockOf());
  assert.equal(it.asked.slice(1), ['block other known', 'unblock memory known']);
  it.checkAlike();
});

test('removes a block when a delete comes while the block is being applied', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(() => it.end());
  it.settle(undefined);
  assert.equal(it.asked, ['block memory', 'unblock memory known']);
  it.checkAlike();
});

test('applies a block that comes while the old block is being removed', () => {
  const it = scene();
  it.write(blockOf());
  it.settle(undefined);
  it.end();
  it.meanwhile.push(() => it.write(blockOf({ offence: 2 })));
  it.settle(blockOf());
  assert.equal(it.asked.slice(1), ['unblock memory known', 'block memory known']);
  it.checkAlike();
});

test('applies a new time that comes while the block is being applied', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(() => it.write(blockOf({ until: '2099-01-01T00:00:00.000Z' })));
  it.settle(undefined);
  assert.equal(it.asked, ['block memory', 'block memory known']);
  it.checkAlike();
});

test('follows a change of backend that comes while the block is being applied', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(() => it.write(blockOf({ backend: 'other' })));
  it.settle(undefined);
  assert.equal(it.asked, ['block memory', 'block other known', 'unblock memory known']);
  it.checkAlike();
});

test('follows several changes in a row', () => {
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

test('passes the remaining seconds to the backend, and none for a block without an end', () => {
  const { home } = scene();
  const seen: (number | undefined)[] = [];
  for (const until of ['2000-01-01T00:00:00.000Z', null]) {
    writeBlock(home, blockOf({ until }));
    settle(home, undefined, (name) => ({
      name,
      apply: ({ seconds }) => seen.push(seconds),
      list: () => new Map(),
    }));
  }
  assert.equal(seen, [1, undefined]);
});

test('throws the backend’s error', () => {
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

test('keeps the reason of a failed block in the ledger until a retry succeeds', () => {
  const it = scene();
  it.write(blockOf());
  it.meanwhile.push(() => {
    throw new RiposteError(EX.TEMPFAIL, 'nft took longer than 20 s');
  });
  errorOf(() => it.settle(undefined));
  assert.is(it.read()?.failed, 'nft took longer than 20 s');
  it.settle(it.read());
  assert.equal(it.read(), blockOf());
});

test('removes a new block that can never succeed, and keeps a block that existed before', () => {
  const it = scene();
  it.write(blockOf());
  const refuse = () => {
    throw new RiposteError(EX.CANTCREAT, 'a route of another program is in its place');
  };
  it.meanwhile.push(refuse);
  errorOf(() => it.settle(undefined));
  assert.is(it.read(), undefined);
  it.write(blockOf());
  it.meanwhile.push(refuse);
  errorOf(() => it.settle(blockOf()));
  assert.is(it.read()?.failed, 'a route of another program is in its place');
});

for (const exitCode of [EX.TEMPFAIL, EX.CANTCREAT]) {
  test(`keeps another process’s change of the ledger when a block fails with ${exitCode} meanwhile`, () => {
    const it = scene();
    const fail = () => {
      throw new RiposteError(exitCode, 'why');
    };
    it.write(blockOf());
    it.meanwhile.push(() => {
      it.end();
      fail();
    });
    errorOf(() => it.settle(undefined));
    assert.is(it.read(), undefined, 'a delete');
    it.write(blockOf());
    it.meanwhile.push(() => {
      it.write(blockOf({ offence: 2 }));
      fail();
    });
    errorOf(() => it.settle(undefined));
    assert.equal(it.read(), blockOf({ offence: 2 }), 'an add');
  });
}

test('applies the changes of one backend in one call, and fails only the change that fails', () => {
  const home = homeAt(temporaryDirectory());
  const addresses = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
  const blocks = addresses.map((address) => blockOf({ address }));
  for (const block of blocks) writeBlock(home, block);
  const calls: string[][] = [];
  const failures = applyChanges(
    blocks.map((wanted) => ({ address: wanted.address, before: undefined, wanted })),
    {
      home,
      response: 'firewall-drop',
      present: () => [],
      executor: realExecutor(1, {}),
      backendOf: (name) => ({
        name,
        apply: () => assert.unreachable('one by one'),
        applyAll(changes) {
          calls.push(changes.map(({ address }) => address.text));
          return new Map([['203.0.113.2', new RiposteError(EX.UNAVAILABLE, 'why')]]);
        },
        list: () => new Map(),
      }),
    },
  );
  assert.equal(calls, [addresses]);
  assert.equal([...failures.keys()], ['203.0.113.2']);
  const failed = addresses.map((address) => readBlock(home, 'firewall-drop', address)?.failed);
  assert.equal(failed, [undefined, 'why', undefined]);
});

test('rounds seconds up to at least one', () => {
  const now = Date.parse('2026-11-20T09:00:00.000Z');
  const left = (until: string | null) => secondsLeft(blockOf({ until }), now);
  assert.is(left('2026-11-20T09:10:00.000Z'), 600);
  assert.is(left('2026-11-20T09:00:00.001Z'), 1);
  assert.is(left('2026-11-20T09:00:01.001Z'), 2);
  assert.is(left('2026-11-20T09:00:00.000Z'), 1);
  assert.is(left('2026-11-20T08:00:00.000Z'), 1);
  assert.is(left(null), undefined);
});

test('adds a list to the block again when another process has overwritten the entry without the list', () => {
  const it = scene();
  it.write(blockOf({ origins: { drop: null } }));
  it.meanwhile.push(() => it.write(blockOf({ until: LATER, rule: '31151' })));
  it.settle(undefined, 'drop');
  const { origins, ownUntil, until, rule } = it.read() ?? {};
  assert.equal([origins, ownUntil, until, rule], [{ drop: null }, LATER, null, '31151']);
  it.checkAlike();
});

test('does not add a list again when another process has ended the block or renewed the list', () => {
  const it = scene();
  it.write(blockOf({ origins: { drop: null } }));
  it.meanwhile.push(() => it.end());
  it.settle(undefined, 'drop');
  assert.is(it.read(), undefined);
  it.checkAlike();
  it.write(blockOf({ origins: { drop: null } }));
  it.meanwhile.push(() => it.write(blockOf({ until: LATER, origins: { drop: LATER } })));
  it.settle(undefined, 'drop');
  assert.equal(it.read()?.origins, { drop: LATER });
  it.checkAlike();
});

test.run();
