import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Change } from '../../../active-response/backend/backend.ts';
import type { FirewallPolicy } from '../../../active-response/backend/firewall-policy.ts';
import { nftables, planNftables } from '../../../active-response/backend/nftables.ts';
import { planMany } from '../../../active-response/backend/nftables-many.ts';
import { guardKeys } from '../../../active-response/backend/nftables-table.ts';
import { parseTarget } from '../../../base/address.ts';
import type { Executor } from '../../../base/execute.ts';

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

const MISSING_SET = ['Error: Could not process rule: No such file or directory'];

/**
 * The scripts that nft runs for a change about a network, each as lines.
 * @param errors nft's error messages for the first scripts; all later scripts succeed
 * @param sets the names of the sets in the table
 */
function applied(
  network: string,
  some: Partial<Change>,
  errors: readonly string[],
  sets: readonly string[] = [],
): string[][] {
  const change: Change = { verb: 'block', known: false, address: parseTarget(network), ...some };
  return ran(errors, (executor) => nftables(DROP).apply(change, executor), sets);
}

/** The scripts that nft runs for this work. For the parameters, see `applied`. */
function ran(
  errors: readonly string[],
  work: (executor: Executor) => void,
  sets: readonly string[],
): string[][] {
  const scripts: string[][] = [];
  const listed = sets.map((name) => ({ set: { family: 'inet', table: 'riposte', name } }));
  const answer = { ok: true, stdout: JSON.stringify({ nftables: listed }), stderr: '', message: '' };
  const executor: Executor = {
    dryRun: false,
    look: () => answer,
    run({ input = '' }) {
      const message = errors[scripts.length];
      scripts.push(input.trimEnd().split('\n'));
      return message === undefined ? answer : { ...answer, ok: false, message };
    },
    remark() {},
    edit() {},
  };
  work(executor);
  return scripts;
}

const nextIf = (address: string, some: Partial<Change> = {}) =>
  planNftables({ verb: 'block', known: false, address: parseTarget(address), ...some }, DROP).map(
    (attempt) => attempt.nextIf,
  );
const declared = (policy: FirewallPolicy) => scripts('203.0.113.9', {}, policy).at(-1) ?? [];
const fingerprint = (policy: FirewallPolicy) =>
  /0 : (0x[0-9a-f]{8}) \}/.exec(declared(policy).join('\n'))?.[1];

const RULES = [
  'add counter inet riposte dropped',
  'flush chain inet riposte verdict',
  'add rule inet riposte verdict counter name dropped drop',
  'flush chain inet riposte block',
  'add rule inet riposte block ip saddr @blocked4 goto verdict',
  'add rule inet riposte block ip6 saddr @blocked6 goto verdict',
  'add rule inet riposte block jump prefixes',
];
const IN_FORCE = `add element inet riposte made_for { 0 : ${fingerprint(DROP)} }`;

test('first creates only the element of a new address, in a plain set', () => {
  const [first] = scripts('203.0.113.9');
  assert.equal(first, [IN_FORCE, 'create element inet riposte blocked4 { 203.0.113.9 }']);
  assert.equal(scripts('2001:db8::9')[0], [IN_FORCE, 'create element inet riposte blocked6 { 2001:db8::9 }']);
});

test('lets the kernel end the block when it has a time', () => {
  assert.equal(
    scripts('203.0.113.9', { seconds: 600 })[0]?.[1],
    'create element inet riposte blocked4 { 203.0.113.9 timeout 600s }',
  );
});

test('renews an existing element in one transaction, with the rules: add, delete, add', () => {
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

test('plans three attempts for a new address, and two for a known address', () => {
  assert.is(scripts('203.0.113.9').length, 3);
  assert.is(scripts('203.0.113.9', { known: true }).length, 2);
});

test('declares table and rules in the last attempt, and then blocks', () => {
  assert.equal(scripts('203.0.113.9', { seconds: 600 }).at(-1), [
    'add table inet riposte',
    'add set inet riposte blocked4 { type ipv4_addr; flags timeout; counter; }',
    'add set inet riposte blocked6 { type ipv6_addr; flags timeout; counter; }',
    'add map inet riposte made_for { type mark : mark; }',
    'flush map inet riposte made_for',
    'add chain inet riposte verdict',
    'add chain inet riposte prefixes',
    'add chain inet riposte networks4',
    'add chain inet riposte networks6',
    'add chain inet riposte block { type filter hook prerouting priority -300; policy accept; }',
    ...RULES,
    IN_FORCE,
    'add element inet riposte blocked4 { 203.0.113.9 }',
    'delete element inet riposte blocked4 { 203.0.113.9 }',
    'add element inet riposte blocked4 { 203.0.113.9 timeout 600s }',
  ]);
});

test('keeps the elements of sets in each attempt', () => {
  for (const lines of [...scripts('203.0.113.9'), ...applied('198.51.100.0/24', {}, MISSING_SET)])
    assert.not.match(lines.join('\n'), /flush (set|table|ruleset)|delete (set|table)/);
});

test('blocks a network with its guard key in the first attempt', () => {
  for (const [network, expected] of [
    [
      '198.51.100.77/24',
      ['wide4 { 198.51.0.0 }', 'create element inet riposte network4_24 { 198.51.100.0 timeout 60s }'],
    ],
    ['2001:db8:1::/48', ['wide6 { 0:db8:: }', '6_48 { 2001:db8:1:: timeout 60s }']],
    ['2001::/32', ['wide6 { :: }', '6_32 { 2001:: timeout 60s }']],
    [
      '198.48.0.0/14',
      ['wide4 { 198.48.0.0, 198.49.0.0, 198.50.0.0, 198.51.0.0 }', '4_14 { 198.48.0.0 timeout 60s }'],
    ],
  ] as const) {
    const [lines = []] = applied(network, { seconds: 60 }, []);
    assert.is(lines.length, 3, network);
    assert.is(lines[0], IN_FORCE);
    for (const [index, part] of expected.entries()) assert.match(lines[index + 1] ?? '', part);
  }
});

test('makes at most as many guard keys for a family as its guard set holds', () => {
  const keys = (network: string) => guardKeys(parseTarget(network));
  assert.is(keys('8.0.0.0/8').length, 256);
  assert.equal(keys('8.0.0.0/8').slice(-1), ['8.255.0.0']);
  for (const network of ['2001:db8:7::/48', '2a00:db8::/32', '2001:db8::7:0/112'])
    assert.equal(keys(network), ['0:db8::']);
});

test('looks a network up with its netmask, after its guard key', () => {
  const [, lines = []] = applied('198.51.100.0/24', {}, MISSING_SET);
  assert.equal(
    lines.filter((line) => /wide4|networks4|network4_24/.test(line)),
    [
      'add chain inet riposte networks4',
      'create set inet riposte wide4 { type ipv4_addr; size 65536; }',
      'add rule inet riposte prefixes ip saddr & 255.255.0.0 @wide4 jump networks4',
      'create set inet riposte network4_24 { type ipv4_addr; flags timeout; counter; }',
      'add rule inet riposte networks4 ip saddr & 255.255.255.0 @network4_24 goto verdict',
      'add element inet riposte wide4 { 198.51.0.0 }',
      'add element inet riposte network4_24 { 198.51.100.0 }',
      'delete element inet riposte network4_24 { 198.51.100.0 }',
      'add element inet riposte network4_24 { 198.51.100.0 }',
    ],
  );
  const [, lines6 = []] = applied('2001:db8:1::/48', {}, MISSING_SET);
  for (const line of [
    'add rule inet riposte prefixes ip6 saddr & 0:ffff:: @wide6 jump networks6',
    'add rule inet riposte networks6 ip6 saddr & ffff:ffff:ffff:: @network6_48 goto verdict',
  ])
    assert.ok(lines6.includes(line), line);
});

test('tries a network three times when another process makes the same set meanwhile', () => {
  const error = 'Error: Could not process rule: File exists';
  assert.is(applied('198.51.100.0/24', {}, [error, error, error]).length, 4);
  assert.throws(() => applied('198.51.100.0/24', {}, [error, error, error, error]), /File exists/);
  assert.throws(() => applied('198.51.100.0/24', {}, ['Operation not permitted']), /not permitted/);
});

const EARLIER = [
  'add element inet riposte blocked4_24 { 198.51.100.0 }',
  'delete element inet riposte blocked4_24 { 198.51.100.0 }',
];

test('unblocks a network in its set and in the set of an earlier version, each in one transaction', () => {
  const quick = 'delete element inet riposte network4_24 { 198.51.100.0 }';
  assert.equal(applied('198.51.100.0/24', { verb: 'unblock', seconds: 60 }, []), [[quick], EARLIER]);
  assert.equal(applied('198.51.100.0/24', { verb: 'unblock' }, MISSING_SET), [
    [quick],
    ['add element inet riposte network4_24 { 198.51.100.0 }', quick],
    EARLIER,
  ]);
  assert.throws(
    () =>
      applied('198.51.100.0/24', { verb: 'unblock' }, ['Operation not permitted', 'Operation not permitted']),
    /not permitted/,
  );
});

test('removes a network from the set of an earlier version when it blocks the network', () => {
  const [block = []] = applied('198.51.100.0/24', { known: true }, [], ['blocked4_24', 'network4_24']);
  assert.equal(block.slice(-2), EARLIER);
  assert.is(block.at(-3), 'add element inet riposte network4_24 { 198.51.100.0 }');
});

test('shows in a dry run how it blocks a network, even if it may not list the rule set', () => {
  const ran: string[] = [];
  const refused = { ok: false, stdout: '', stderr: '', message: 'Operation not permitted' };
  const executor: Executor = {
    dryRun: true,
    look: () => refused,
    run({ input = '' }) {
      ran.push(input);
      return { ...refused, ok: true };
    },
    remark() {},
    edit() {},
  };
  const change = { known: false, address: parseTarget('198.51.100.0/24') };
  nftables(DROP).apply({ ...change, verb: 'block' }, executor);
  nftables(DROP).apply({ ...change, verb: 'unblock' }, executor);
  assert.match(ran[0] ?? '', 'add element inet riposte network4_24 { 198.51.100.0 }');
  assert.match(ran[1] ?? '', 'delete element inet riposte network4_24 { 198.51.100.0 }');
});

test('unblocks a batch set by set, whatever sets are missing', () => {
  const batch = (errors: readonly string[]) =>
    ran(
      errors,
      (executor) =>
        nftables(DROP).applyAll?.(
          ['203.0.113.9', '2001:db8::9', '198.51.100.0/24'].map((text) => {
            return { verb: 'unblock', known: true, address: parseTarget(text) };
          }),
          executor,
        ),
      [],
    ).flat();
  const deletes = (set: string, element: string) => [
    `add element inet riposte ${set} { ${element} }`,
    `delete element inet riposte ${set} { ${element} }`,
  ];
  const [hosts, hosts6, network] = [
    deletes('blocked4', '203.0.113.9'),
    deletes('blocked6', '2001:db8::9'),
    deletes('network4_24', '198.51.100.0'),
  ];
  assert.equal(batch([]), [hosts[1], hosts6[1], network[1], ...EARLIER]);
  assert.equal(batch(MISSING_SET), [hosts[1], ...hosts, hosts6[1], network[1], ...EARLIER]);
});

test('uses no interval set', () => {
  const all = ['203.0.113.9', '2001:db8::9'].flatMap((address) => scripts(address));
  const networks = ['198.51.100.0/24', '2001:db8::/48'].flatMap((each) => applied(each, {}, MISSING_SET));
  for (const lines of [...all, ...networks]) assert.not.match(lines.join('\n'), /interval|auto-merge/);
});

test('makes the next attempt only when the element exists or the set is missing', () => {
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

test('deletes one element for an unblock, and tolerates a missing element', () => {
  for (const [address, line] of [
    ['203.0.113.9', 'delete element inet riposte blocked4 { 203.0.113.9 }'],
    ['2001:db8::9', 'delete element inet riposte blocked6 { 2001:db8::9 }'],
  ] as const)
    for (const known of [true, false])
      assert.equal(scripts(address, { verb: 'unblock', known, seconds: 60 }), [[line]]);
  const [attempt] = planNftables({ verb: 'unblock', known: true, address: parseTarget('203.0.113.9') }, DROP);
  const tolerate = attempt?.commands[0]?.tolerate;
  assert.ok(tolerate?.test('Error: Could not process rule: No such file or directory'));
  assert.not(tolerate?.test('Operation not permitted (you must be root)'));
});

test('answers that the host is unreachable, in both families', () => {
  assert.ok(
    declared({ action: 'reject', ports: [] }).includes(
      'add rule inet riposte verdict counter name dropped reject with icmpx type host-unreachable',
    ),
  );
});

test('closes only the given ports, for TCP and UDP', () => {
  assert.ok(
    declared({ action: 'drop', ports: ['80', '8000-8100'] }).includes(
      'add rule inet riposte verdict meta l4proto { tcp, udp } th dport { 80, 8000-8100 } counter name dropped drop',
    ),
  );
});

test('gives every policy its own constant number', () => {
  const policies: FirewallPolicy[] = [[], ['80'], ['443'], ['80', '443'], ['80-443']].flatMap((ports) => [
    { action: 'drop', ports },
    { action: 'reject', ports },
  ]);
  assert.is(new Set(policies.map(fingerprint)).size, policies.length);
  for (const policy of policies) assert.is(fingerprint({ ...policy }), fingerprint(policy));
});

test('writes the same script for every address, except for the address itself', () => {
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

const many = (changes: Partial<Change>[], shape = { sets: new Set<string>(), ruled: new Set<string>() }) =>
  (
    planMany(
      changes.map((change) => ({
        verb: 'block',
        known: true,
        address: parseTarget('203.0.113.9'),
        ...change,
      })),
      DROP,
      shape,
    ).input ?? ''
  )
    .trimEnd()
    .split('\n');

test('declares everything and makes each element anew in one transaction for many changes', () => {
  const lines = many([
    { seconds: 600 },
    { address: parseTarget('203.0.113.10') },
    { address: parseTarget('2001:db8::9'), seconds: 60 },
  ]);
  assert.equal(lines.slice(-6), [
    'add element inet riposte blocked4 { 203.0.113.9, 203.0.113.10 }',
    'delete element inet riposte blocked4 { 203.0.113.9, 203.0.113.10 }',
    'add element inet riposte blocked4 { 203.0.113.9 timeout 600s, 203.0.113.10 }',
    'add element inet riposte blocked6 { 2001:db8::9 }',
    'delete element inet riposte blocked6 { 2001:db8::9 }',
    'add element inet riposte blocked6 { 2001:db8::9 timeout 60s }',
  ]);
  for (const line of [...RULES, IN_FORCE, 'add table inet riposte']) assert.ok(lines.includes(line), line);
});

test('makes each missing set and rule once for many networks', () => {
  const changes = ['198.51.100.0/24', '203.0.113.0/24', '2001:db8::/48'].map((address) => ({
    address: parseTarget(address),
  }));
  const made = (sets: string[], ruled: string[]) =>
    many(changes, { sets: new Set(sets), ruled: new Set(ruled) })
      .filter((line) => /^(create|add rule inet riposte (prefixes|networks))/.test(line))
      .map((line) => line.replace(/ (\{ type| ?ip6? ).*/, '').replace('inet riposte ', ''));
  assert.equal(made([], []), [
    'create set wide4',
    'add rule prefixes',
    'create set network4_24',
    'add rule networks4',
    'create set wide6',
    'add rule prefixes',
    'create set network6_48',
    'add rule networks6',
  ]);
  const all = ['wide4', 'network4_24', 'wide6', 'network6_48'];
  assert.equal(made(all, all.slice(1)), ['add rule prefixes']);
  assert.equal(made(all, all.slice(0, 3)), ['add rule networks6']);
});

test.run();
