import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRoutes } from '../../../active-response/backend/route.ts';
import { addition, removal } from '../../../active-response/backend/route-commands.ts';
import { parseTarget } from '../../../base/address.ts';

const added = (address: string, type = 'unreachable') => addition(parseTarget(address), type);
const removed = (address: string) => removal(parseTarget(address));

for (const type of ['unreachable', 'blackhole', 'prohibit']) {
  test(`looks up the present route, and adds a marked route of the type ${type}`, () => {
    const { program, args, input } = added('203.0.113.9', type);
    assert.equal([program, ...args], ['ip', '-4', '-force', '-batch', '-']);
    assert.is(input, `route get fibmatch 203.0.113.9\nroute add ${type} 203.0.113.9 proto 117\n`);
  });
}

test('looks up a prefix itself, because the route to its first address may cover only a part', () => {
  assert.is(
    added('198.51.100.77/24').input,
    'route show exact 198.51.100.0/24\nroute add unreachable 198.51.100.0/24 proto 117\n',
  );
});

test('gives an IPv6 route a better metric than other routes have', () => {
  assert.equal(added('2001:db8::9').args, ['-6', '-force', '-batch', '-']);
  assert.is(
    added('2001:db8::9').input,
    'route get fibmatch 2001:db8::9\nroute add unreachable 2001:db8::9 proto 117 metric 1\n',
  );
  assert.is(
    added('2001:db8:1::/48').input,
    'route show exact 2001:db8:1::/48\nroute add unreachable 2001:db8:1::/48 proto 117 metric 1\n',
  );
});

test('succeeds when the look-up finds no route', () => {
  const { tolerate } = added('203.0.113.9');
  for (const said of [
    'RTNETLINK answers: Network is unreachable\nCommand failed -:1',
    'RTNETLINK answers: No route to host\nCommand failed -:1\n',
  ])
    assert.ok(tolerate?.test(said), said);
});

test('fails when the route could not be added, whatever the look-up found', () => {
  const { tolerate } = added('203.0.113.9');
  for (const said of [
    'RTNETLINK answers: File exists\nCommand failed -:2',
    'RTNETLINK answers: Operation not permitted\nCommand failed -:2',
    'RTNETLINK answers: Network is unreachable\nCommand failed -:1\nRTNETLINK answers: File exists\nCommand failed -:2',
    'RTNETLINK answers: Network is unreachable\nCommand failed -:1\nError: argument "x" is wrong: what it cannot read ends it',
    'exit status 1',
    'Option "-batch" is unknown',
  ])
    assert.not(tolerate?.test(said), said);
});

test('deletes only Riposte’s own route, of any type, for an unblock', () => {
  for (const [address, words] of [
    ['203.0.113.9', '-4 route del 203.0.113.9 proto 117'],
    ['198.51.100.0/24', '-4 route del 198.51.100.0/24 proto 117'],
    ['2001:db8::9', '-6 route del 2001:db8::9 proto 117'],
  ] as const) {
    assert.is(removed(address).program, 'ip');
    assert.is(removed(address).args.join(' '), words);
  }
});

test('tolerates a missing route at an unblock, but not a refusal', () => {
  const { tolerate } = removed('203.0.113.9');
  assert.ok(tolerate?.test('RTNETLINK answers: No such process'));
  assert.not(tolerate?.test('RTNETLINK answers: Operation not permitted'));
});

test('lists the destinations of Riposte’s routes', () => {
  const listing = [
    { type: 'unreachable', dst: '203.0.113.9', flags: [] },
    { type: 'blackhole', dst: '198.51.100.0/24', flags: [] },
    { type: 'unreachable', dst: '2001:db8::9', dev: 'lo', metric: 1, flags: [], pref: 'medium' },
  ];
  assert.equal(parseRoutes(JSON.stringify(listing)), ['203.0.113.9', '198.51.100.0/24', '2001:db8::9']);
  assert.equal(parseRoutes('[ ]\n'), []);
  assert.equal(parseRoutes(''), []);
});

test.run();
