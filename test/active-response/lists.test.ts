import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Block } from '../../active-response/ledger.ts';
import {
  isImported,
  originsOf,
  ownPart,
  withOrigins,
  without,
  withoutLists,
} from '../../active-response/lists.ts';

const HOUR = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();
const [OVER, SOON, LATER] = [at(-1), at(1), at(2)];
const OWN: Block = {
  address: '203.0.113.7',
  response: 'firewall-drop',
  backend: 'nftables',
  since: OVER,
  until: SOON,
  offence: 2,
  rule: '117053',
};

test('keeps a block until its own end and the ends of all lists', () => {
  assert.is(withOrigins(OWN, { drop: LATER }).until, LATER);
  assert.is(withOrigins(OWN, { drop: OVER }).until, SOON);
  assert.is(withOrigins(OWN, { drop: LATER, other: null }).until, null);
  assert.is(withOrigins({ ...OWN, until: null }, { drop: LATER }).until, null);
});

test('returns the own part of a block without the lists, and nothing when the own part has ended', () => {
  assert.equal(ownPart(withOrigins(OWN, { drop: null }), Date.now()), OWN);
  assert.is(ownPart(withOrigins({ ...OWN, until: OVER }, { drop: null }), Date.now()), undefined);
});

test('returns the parts of this host and of its programs without the lists, and nothing when only lists are left', () => {
  const now = Date.now();
  const both = withOrigins(OWN, { drop: null, 'fail2ban:sshd': LATER });
  const left = withoutLists(both, now);
  assert.equal([left?.until, left?.ownUntil, left?.origins], [LATER, SOON, { 'fail2ban:sshd': LATER }]);
  assert.equal(withoutLists(withOrigins(OWN, { drop: null }), now), OWN);
  const banned = without(both, 'own');
  assert.equal(withoutLists(banned, now)?.origins, { 'fail2ban:sshd': LATER });
  assert.is(withoutLists(banned && without(banned, { origin: 'fail2ban:sshd' }), now), undefined);
  assert.is(withoutLists(undefined, now), undefined);
});

test('keeps the own part of a block when its list ends, and the list when the own part ends', () => {
  const both = withOrigins(OWN, { drop: LATER });
  assert.equal(without(both, { origin: 'drop' }), OWN);
  const listed = without(both, 'own');
  assert.is(listed && isImported(listed), true);
  assert.equal([listed?.until, listed?.rule, listed?.offence], [LATER, undefined, 2]);
  assert.is(listed && without(listed, { origin: 'drop' }), undefined);
});

test('keeps the second list of a block when the first ends, and drops lists whose time is over', () => {
  const two = withOrigins(OWN, { drop: LATER, 'firehol_level1.2': null });
  assert.equal(without(two, { origin: 'drop' })?.origins, { 'firehol_level1.2': null });
  assert.equal(originsOf(withOrigins(OWN, { drop: OVER, other: SOON }), Date.now()), { other: SOON });
  assert.is(originsOf(withOrigins(OWN, { drop: OVER }), Date.now()), undefined);
});

test.run();
