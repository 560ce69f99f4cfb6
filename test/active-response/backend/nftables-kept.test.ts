import { uptime } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DumpedElement } from '../../../active-response/backend/nftables-elements.ts';
import { keepElements, keptElements } from '../../../active-response/backend/nftables-kept.ts';
import type { SetInForce } from '../../../active-response/backend/nftables-listing.ts';
import type { KeptListing } from '../../../active-response/backend/upkeep.ts';

const SETS: SetInForce[] = [
  { name: 'blocked4', elem: [] },
  { name: 'blocked4_24', length: '24', elem: [] },
];
const STATE = 'a state';

const element = (host: string, left?: number): DumpedElement => ({ host, left, packets: 3, bytes: 180 });
const DUMPED = [[element('203.0.113.9'), element('203.0.113.10', 60_000)], [element('198.51.100.0', 60_000)]];

function inMemory(text?: string): KeptListing & { text: string | undefined } {
  return {
    text,
    read() {
      return this.text;
    },
    write(now) {
      this.text = now;
    },
  };
}

function filled() {
  const kept = inMemory();
  keepElements(kept, STATE, SETS, DUMPED);
  return kept;
}

const addressesAt = (kept: KeptListing, later: number, sets = SETS) => {
  const found = keptElements(kept, uptime() + later)?.addressesIn(sets);
  return found && [...found.keys()];
};

test('returns the addresses that were kept, without counts', () => {
  const kept = filled();
  assert.is(keptElements(kept)?.state, STATE);
  assert.equal(addressesAt(kept, 1), ['203.0.113.9', '203.0.113.10', '198.51.100.0/24']);
  const found = keptElements(kept)?.addressesIn(SETS);
  assert.equal(found?.get('203.0.113.9'), { packets: undefined, bytes: undefined });
});

test('returns no address whose time has ended since the list was made', () => {
  assert.equal(addressesAt(filled(), 61), ['203.0.113.9']);
});

test('returns nothing when other sets are in force', () => {
  const [first] = SETS as [SetInForce];
  assert.is(addressesAt(filled(), 1, [first]), undefined);
  assert.is(addressesAt(filled(), 1, [first, { name: 'blocked6', elem: [] }]), undefined);
});

test('returns nothing when the time of the list is in the future', () => {
  assert.is(addressesAt(filled(), -uptime() - 1), undefined);
});

for (const [what, damage] of [
  ['is missing', () => undefined],
  ['is empty', () => ''],
  ['has no state', (text: string) => text.replace(STATE, '')],
] as const)
  test(`finds no state when the text ${what}`, () => {
    assert.is(keptElements(inMemory(damage(filled().text ?? ''))), undefined);
  });

for (const [what, damage] of [
  ['cut off', (text: string) => text.slice(0, -9)],
  ['only a state', (text: string) => text.slice(0, text.indexOf('\n') + 1)],
  ['something else', (text: string) => text.replace(/\n.*/, '\n{}')],
  ['null', (text: string) => text.replace(/\n.*/, '\nnull')],
  ['sets without hosts', (text: string) => text.replaceAll('hosts', 'guests')],
] as const)
  test(`returns nothing from a text that is ${what}`, () => {
    assert.is(addressesAt(inMemory(damage(filled().text ?? '')), 1), undefined);
  });

test.run();
