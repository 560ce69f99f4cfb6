import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTarget } from '../../../active-response/address.ts';
import type { Change } from '../../../active-response/backend/backend.ts';
import type { FirewallPolicy } from '../../../active-response/backend/firewall-policy.ts';
import { parseListing, planNftables } from '../../../active-response/backend/nftables.ts';

const DROP: FirewallPolicy = { action: 'drop', ports: [] };

/** The scripts of a plan's attempts, each as lines. */
function scripts(address: string, some: Partial<Change> = {}, policy = DROP): string[][] {
  const plan = planNftables({ verb: 'block', known: false, address: parseTarget(address), ...some }, policy);
  return plan.map(({ commands }) => {
    assert.is(commands.length, 1);
    assert.is(commands[0]?.program, 'nft');
    assert.equal(commands[0]?.args, ['-f', '-']);
    return (commands[0]?.input ?? '').trimEnd().split('\n');
  });
}
const nextIf = (address: string, some: Partial<Change> = {}) =>
  planNftables({ verb: 'block', known: false, address: parseTarget(address), ...some }, DROP).map(
    (attempt) => attempt.nextIf,
  );
const declared = (policy: FirewallPolicy) => scripts('203.0.113.9', {}, policy).at(-1) ?? [];
const fingerprint = (policy: FirewallPolicy) =>
  /0 : (0x[0-9a-f]{8}) \}/.exec(declared(policy).join('\n'))?.[1];

const RULES = [
  'flush chain inet riposte verdict',
  'add rule inet riposte verdict counter drop',
  'flush chain inet riposte block',
  'add rule inet riposte block ip saddr @blocked4 goto verdict',
  'add rule inet riposte block ip6 saddr @blocked6 goto verdict',
  'add rule inet riposte block jump prefixes',
];
const IN_FORCE = `add element inet riposte made_for { 0 : ${fingerprint(DROP)} }`;

test('a new address is created in a plain set, and nothing more is tried first', () => {
  const [first] = scripts('203.0.113.9');
  assert.equal(first, [IN_FORCE, 'create element inet riposte blocked4 { 203.0.113.9 }']);
  assert.equal(scripts('2001:db8::9')[0], [IN_FORCE, 'create element inet riposte blocked6 { 2001:db8::9 }']);
});

test('with a time the kernel ends the block by itself', () => {
  assert.equal(
    scripts('203.0.113.9', { seconds: 600 })[0]?.[1],
    'create element inet riposte blocked4 { 203.0.113.9 timeout 600s }',
  );
});

test('an element that is there is renewed in one transaction, with the rules: add, delete, add', () => {
  const renew = [
    ...RULES,
    IN_FORCE,
    'add element inet riposte blocked4 { 203.0.113.9 }',
    'delete element inet riposte blocked4 { 203.0.113.9 }',
    'add element inet riposte blocked4 { 203.0.113.9 timeout 600s }',
  ];
  assert.equal(scripts('203.0.113.9', { seconds: 600 })[1], renew);
  assert.equal(scripts('203.0.113.9', { seconds: 600, known: true })[0], renew);
});

test('a new address has three attempts, a known one two, and a prefix one more', () => {
  assert.is(scripts('203.0.113.9').length, 3);
  assert.is(scripts('203.0.113.9', { known: true }).length, 2);
  assert.is(scripts('198.51.100.0/24').length, 4);
  assert.is(scripts('198.51.100.0/24', { known: true }).length, 3);
});

test('the last attempt declares the whole table, makes the rules anew and blocks', () => {
  assert.equal(scripts('203.0.113.9', { seconds: 600 }).at(-1), [
    'add table inet riposte',
    'add set inet riposte blocked4 { type ipv4_addr; flags timeout; counter; }',
    'add set inet riposte blocked6 { type ipv6_addr; flags timeout; counter; }',
    'add map inet riposte made_for { type mark : mark; }',
    'flush map inet riposte made_for',
    'add chain inet riposte verdict',
    'add chain inet riposte prefixes',
    'add chain inet riposte block { type filter hook prerouting priority -300; policy accept; }',
    ...RULES,
    IN_FORCE,
    'add element inet riposte blocked4 { 203.0.113.9 }',
    'delete element inet riposte blocked4 { 203.0.113.9 }',
    'add element inet riposte blocked4 { 203.0.113.9 timeout 600s }',
  ]);
});

test('declaring never empties what is blocked', () => {
  for (const address of ['203.0.113.9', '198.51.100.0/24'])
    for (const lines of scripts(address))
      assert.not.match(lines.join('\n'), /flush (set|table|ruleset)|delete (set|table)/);
});

test('a prefix goes into a plain set of its own length, looked up with the netmask', () => {
  assert.equal(
    scripts('198.51.100.77/24', { seconds: 60 })[0]?.[1],
    'create element inet riposte blocked4_24 { 198.51.100.0 timeout 60s }',
  );
  assert.equal(
    scripts('2001:db8:1::/48')[0]?.[1],
    'create element inet riposte blocked6_48 { 2001:db8:1:: }',
  );
  const declareSet = scripts('198.51.100.0/24')[2] ?? [];
  assert.ok(
    declareSet.includes('create set inet riposte blocked4_24 { type ipv4_addr; flags timeout; counter; }'),
  );
  assert.ok(
    declareSet.includes('add rule inet riposte prefixes ip saddr & 255.255.255.0 @blocked4_24 goto verdict'),
  );
  const declareSet6 = scripts('2001:db8:1::/48')[2] ?? [];
  assert.ok(
    declareSet6.includes('create set inet riposte blocked6_48 { type ipv6_addr; flags timeout; counter; }'),
  );
  assert.ok(
    declareSet6.includes(
      'add rule inet riposte prefixes ip6 saddr & ffff:ffff:ffff:: @blocked6_48 goto verdict',
    ),
  );
});

test('no set is an interval set', () => {
  for (const address of ['203.0.113.9', '2001:db8::9', '198.51.100.0/24', '2001:db8::/48'])
    for (const lines of scripts(address)) assert.not.match(lines.join('\n'), /interval|auto-merge/);
});

test('a plan goes on when the element is there, or the set is not, and for nothing else', () => {
  const [create, renew] = nextIf('203.0.113.9');
  for (const said of [
    'Error: Could not process rule: File exists',
    'Error: Could not process rule: Device or resource busy',
    'Error: No such file or directory; did you mean table ‘x’?',
  ]) {
    assert.ok(create?.test(said), said);
    assert.ok(renew?.test(said), said);
  }
  for (const said of [
    'Operation not permitted (you must be root)',
    'Error: syntax error, unexpected newline',
    'exit status 1',
  ]) {
    assert.not(create?.test(said), said);
    assert.not(renew?.test(said), said);
  }
  assert.is(nextIf('203.0.113.9').at(-1), undefined);
});

test('the set of a prefix that is there already is no error: the next attempt does without', () => {
  const declareSet = nextIf('198.51.100.0/24')[2];
  assert.ok(declareSet?.test('Error: Could not process rule: File exists'));
  assert.not(declareSet?.test('Error: Could not process rule: No such file or directory'));
});

test('unblocking deletes one element, and it may be gone already', () => {
  for (const [address, line] of [
    ['203.0.113.9', 'delete element inet riposte blocked4 { 203.0.113.9 }'],
    ['2001:db8::9', 'delete element inet riposte blocked6 { 2001:db8::9 }'],
    ['198.51.100.0/24', 'delete element inet riposte blocked4_24 { 198.51.100.0 }'],
    ['2001:db8::/48', 'delete element inet riposte blocked6_48 { 2001:db8:: }'],
  ] as const)
    for (const known of [true, false])
      assert.equal(scripts(address, { verb: 'unblock', known, seconds: 60 }), [[line]]);
  const [attempt] = planNftables({ verb: 'unblock', known: true, address: parseTarget('203.0.113.9') }, DROP);
  const tolerate = attempt?.commands[0]?.tolerate;
  assert.ok(tolerate?.test('Error: Could not process rule: No such file or directory'));
  assert.not(tolerate?.test('Operation not permitted (you must be root)'));
});

test('rejecting answers that the host is unreachable, in both families', () => {
  assert.ok(
    declared({ action: 'reject', ports: [] }).includes(
      'add rule inet riposte verdict counter reject with icmpx type host-unreachable',
    ),
  );
});

test('with ports only these are closed, for TCP and UDP', () => {
  assert.ok(
    declared({ action: 'drop', ports: ['80', '8000-8100'] }).includes(
      'add rule inet riposte verdict meta l4proto { tcp, udp } th dport { 80, 8000-8100 } counter drop',
    ),
  );
});

test('every policy has a number of its own, and the same one always the same', () => {
  const policies: FirewallPolicy[] = [[], ['80'], ['443'], ['80', '443'], ['80-443']].flatMap((ports) => [
    { action: 'drop', ports },
    { action: 'reject', ports },
  ]);
  assert.is(new Set(policies.map(fingerprint)).size, policies.length);
  for (const policy of policies) assert.is(fingerprint({ ...policy }), fingerprint(policy));
});

test('whatever the address, it is the only thing in the script that changes', () => {
  const shape = (address: string) =>
    scripts(address, { seconds: 60 }).map((lines) =>
      lines.join('\n').replaceAll(parseTarget(address).text, 'ADDRESS'),
    );
  const expected = { 4: shape('203.0.113.9'), 6: shape('2001:db8::9') };
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      fc.pre(
        !/^(0\.\d+\.\d+\.\d+|::)$/.test(
          new URL(`http://${text.includes(':') ? `[${text}]` : text}/`).hostname.replace(/[[\]]/g, ''),
        ),
      );
      const { family, value } = parseTarget(text.startsWith('::') ? '2001:db8::1' : text);
      fc.pre(value !== 0n);
      assert.equal(shape(text.startsWith('::') ? '2001:db8::1' : text), expected[family]);
    }),
    { numRuns: 300 },
  );
});

/** As `nft -j list table inet riposte` of nftables 1.0.6 prints it. */
const RULE_OBJECTS = ['block', 'verdict'].map((chain) => ({
  rule: { family: 'inet', table: 'riposte', chain },
}));
const LISTING = JSON.stringify({
  nftables: [
    ...RULE_OBJECTS,
    { metainfo: { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 } },
    { table: { family: 'inet', name: 'riposte', handle: 1 } },
    {
      set: {
        family: 'inet',
        name: 'blocked4',
        table: 'riposte',
        type: 'ipv4_addr',
        handle: 1,
        flags: ['timeout'],
        elem: [
          '203.0.113.8',
          { elem: { val: '203.0.113.9', timeout: 600, expires: 581, counter: { packets: 0, bytes: 0 } } },
          { elem: { val: '203.0.113.10', counter: { packets: 3, bytes: 180 } } },
        ],
        stmt: [{ counter: null }],
      },
    },
    {
      set: {
        family: 'inet',
        name: 'blocked6',
        table: 'riposte',
        type: 'ipv6_addr',
        handle: 2,
        flags: ['timeout'],
      },
    },
    {
      set: {
        family: 'inet',
        name: 'blocked4_24',
        table: 'riposte',
        type: 'ipv4_addr',
        handle: 9,
        elem: [{ elem: { val: '198.51.100.0', timeout: 60 } }],
      },
    },
    {
      set: {
        family: 'inet',
        name: 'blocked6_48',
        table: 'riposte',
        type: 'ipv6_addr',
        handle: 10,
        elem: ['2001:db8:1::'],
      },
    },
    {
      map: {
        family: 'inet',
        name: 'made_for',
        table: 'riposte',
        type: 'mark',
        handle: 3,
        map: 'mark',
        elem: [[0, 305419896]],
      },
    },
    { chain: { family: 'inet', table: 'riposte', name: 'verdict', handle: 4 } },
    { rule: { family: 'inet', table: 'riposte', chain: 'verdict', handle: 7, expr: [{ drop: null }] } },
  ],
});

test('a listing holds addresses and prefixes, plain and wrapped, of all sets', () => {
  assert.equal(
    [...parseListing(LISTING)],
    ['203.0.113.8', '203.0.113.9', '203.0.113.10', '198.51.100.0/24', '2001:db8:1::/48'],
  );
});

test('no table and an empty one hold nothing', () => {
  assert.is(parseListing('').size, 0);
  assert.is(parseListing('{"nftables":[{"metainfo":{}}]}').size, 0);
});

test('a set of another name that somebody has put into the table blocks nobody', () => {
  const sets = ['allowed4', 'blocked4_old', 'my_blocked4'].map((name) => ({
    set: { name, elem: ['203.0.113.9'] },
  }));
  assert.equal([...parseListing(JSON.stringify({ nftables: [...RULE_OBJECTS, ...sets] }))], []);
});

test('what no rule looks up is not in force', () => {
  const set = { set: { name: 'blocked4', elem: ['203.0.113.9'] } };
  for (const rules of [[], RULE_OBJECTS.slice(1), RULE_OBJECTS.slice(0, 1)])
    assert.equal([...parseListing(JSON.stringify({ nftables: [...rules, set] }))], []);
});

test.run();
