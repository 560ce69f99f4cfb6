import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../base/errors.ts';
import { readDecision, type Wanted } from '../../../serve/crowdsec/decision.ts';
import { Decisions } from '../../../serve/crowdsec/decisions.ts';

const WANTED: Wanted = { types: ['ban'], scopes: ['ip', 'range'], origins: [] };
const A = '203.0.113.7';

/** A decision as Debian's LAPI writes it. */
const raw = (id: number, value: string, duration: string, more: object = {}) => ({
  duration,
  id,
  origin: 'cscli',
  scenario: "manual 'ban' from 'local'",
  scope: 'Ip',
  type: 'ban',
  value,
  ...more,
});
const decision = (...how: Parameters<typeof raw>) => readDecision(raw(...how), WANTED);
const ended = (id: number, value: string) => readDecision(raw(id, value, '-147.9ms'), WANTED, true);
const entriesOf = (changes: ReturnType<Decisions['change']>) =>
  changes.entries.map(({ address, seconds }) => [address.text, Math.round(Number(seconds))]);

test('reads a decision of a LAPI, with its time and scenario', () => {
  const read = decision(5, A, '1h2m6.901293847s');
  assert.not.instance(read, RiposteError);
  const { id, origin, entry } = read as Exclude<typeof read, RiposteError | undefined> & object;
  assert.equal([id, origin, entry.address.text, entry.seconds], [5, 'cscli', A, 3726]);
  assert.is(entry.note, "manual 'ban' from 'local'");
});

test('skips other types, scopes and origins, simulated decisions, and decisions that are over', () => {
  for (const more of [{ type: 'captcha' }, { scope: 'Country' }, { scope: 'AS' }, { simulated: true }])
    assert.is(decision(1, A, '4h0m0s', more), undefined, JSON.stringify(more));
  assert.is(decision(1, A, '-3s'), undefined);
  const lists = { ...WANTED, origins: ['lists'] };
  assert.is(readDecision(raw(1, A, '4h', { origin: 'CAPI' }), lists), undefined);
  assert.ok(readDecision(raw(1, A, '4h', { origin: 'lists:firehol' }), lists));
  assert.ok(readDecision(raw(1, A, '4h', { type: 'captcha' }), { ...WANTED, types: ['ban', 'captcha'] }));
});

test('reports values that are not decisions, and never throws', () => {
  const wrong = [undefined, null, 7, 'x', [], {}, raw(1, '203.0.113.300', '4h'), raw(1, A, 'soon')];
  wrong.push({ ...raw(1, A, '4h'), value: 7 }, { ...raw(1, A, '4h'), type: null }, raw(1, '', '4h'));
  wrong.push(raw(1, `${A}; nft flush ruleset`, '4h'), raw(1, 'example.org', '4h'));
  for (const value of wrong)
    assert.instance(readDecision(value, WANTED), RiposteError, JSON.stringify(value));
});

test('blocks an address until the last decision about it ends, and then releases the address', () => {
  const decisions = new Decisions(
    () => false,
    () => 0,
  );
  const both = decisions.change([decision(1, A, '4h0m0s'), decision(2, A, '1h0m0s')], []);
  assert.equal(entriesOf(both), [[A, 14_400]]);
  const one = decisions.change([], [ended(1, A)]);
  assert.equal([entriesOf(one), [...one.released]], [[[A, 3600]], []]);
  const none = decisions.change([], [ended(2, A)]);
  assert.equal([entriesOf(none), [...none.released], decisions.size], [[], [A], 0]);
});

test('ignores a repeated decision, and the end of an unknown decision about an address with a known decision', () => {
  const decisions = new Decisions();
  decisions.change([decision(1, A, '4h0m0s')], []);
  decisions.change([decision(1, A, '4h0m0s')], []);
  const other = decisions.change([], [ended(9, A)]);
  assert.equal([entriesOf(other), [...other.released]], [[], []]);
  // The decision about this address may be older than this process, so its end releases the address.
  assert.equal([...decisions.change([], [ended(3, '203.0.113.9')]).released], ['203.0.113.9']);
});

test('ends all decisions about an address when the deletion has no id', () => {
  const decisions = new Decisions();
  decisions.change([decision(1, A, '4h0m0s'), decision(2, A, '1h0m0s')], []);
  const { id: _, ...without } = raw(1, A, '1s');
  assert.equal([...decisions.change([], [readDecision(without, WANTED, true)]).released], [A]);
});

test('takes a new decision that replaces a deleted decision in the same answer', () => {
  const decisions = new Decisions();
  decisions.change([decision(1, A, '4h0m0s')], []);
  const changes = decisions.change([decision(2, A, '1h0m0s')], [ended(1, A)]);
  assert.equal([entriesOf(changes), [...changes.released]], [[[A, 3600]], []]);
});

test('leaves out this host’s own decisions, and keeps other hosts’ decisions about the same address', () => {
  const decisions = new Decisions(({ origin }) => origin === 'riposte:web1');
  const own = decision(1, A, '4h0m0s', { origin: 'riposte:web1' });
  assert.equal([entriesOf(decisions.change([own], [])), decisions.size], [[], 0]);
  const others = decisions.replace([own, decision(2, A, '1h0m0s', { origin: 'riposte:web2' })], []);
  assert.equal([entriesOf(others), others.ours], [[[A, 3600]], 1]);
});

test('forgets earlier decisions when it takes a whole list', () => {
  const decisions = new Decisions();
  decisions.change([decision(1, A, '4h0m0s')], []);
  decisions.replace([decision(2, '203.0.113.8', '4h0m0s')], []);
  assert.is(decisions.size, 1);
});

test.run();
