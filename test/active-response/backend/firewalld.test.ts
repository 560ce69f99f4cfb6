import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan } from '../../../active-response/backend/backend.ts';
import type { FirewallPolicy } from '../../../active-response/backend/firewall-policy.ts';
import { planFirewalld } from '../../../active-response/backend/firewalld.ts';
import { parseLines } from '../../../active-response/backend/firewalld-objects.ts';
import { richRules } from '../../../active-response/backend/firewalld-rules.ts';
import { parseTarget } from '../../../base/address.ts';

const DROP: FirewallPolicy = { action: 'drop', ports: [] };
const REJECT: FirewallPolicy = { action: 'reject', ports: [] };
/** The rules in force when only Riposte's two sets are blocked. */
const IN_FORCE = richRules([], DROP);

const block = (address: string, rules: string[] | undefined = IN_FORCE, policy = DROP) =>
  planFirewalld({ verb: 'block', known: false, address: parseTarget(address) }, policy, rules);
const firstBlock = (address: string, policy = DROP) =>
  planFirewalld({ verb: 'block', known: false, address: parseTarget(address) }, policy, undefined);
const unblock = (address: string, rules?: string[]) =>
  planFirewalld({ verb: 'unblock', known: true, address: parseTarget(address) }, DROP, rules);

/** The attempts of a plan: the arguments of each firewall-cmd. */
function lines(plan: Plan): string[][] {
  return plan.map(({ commands }) =>
    commands.map(({ program, args }) => {
      assert.is(program, 'firewall-cmd');
      return args.join(' ');
    }),
  );
}

test('adds one entry to a set when the rules are in force', () => {
  assert.equal(lines(block('203.0.113.9'))[0], ['--ipset=riposte4 --add-entry=203.0.113.9']);
  assert.equal(lines(block('2001:db8::9'))[0], ['--ipset=riposte6 --add-entry=2001:db8::9']);
});

test('declares everything only when a set or policy is missing', () => {
  const [first, second] = block('203.0.113.9');
  for (const said of ['Error: INVALID_IPSET: riposte4', 'Error: INVALID_POLICY: riposte-host'])
    assert.ok(first?.nextIf?.test(said), said);
  for (const said of ['FirewallD is not running', 'Authorization failed.', 'exit status 1'])
    assert.not(first?.nextIf?.test(said), said);
  assert.equal(lines(second === undefined ? [] : [second]), lines(firstBlock('203.0.113.9')));
  assert.is(second?.nextIf, undefined);
});

test('creates permanent empty sets and policies at the very first block, reloads once, and fills them', () => {
  assert.equal(lines(firstBlock('203.0.113.9')), [
    [
      '--permanent --new-ipset=riposte4 --type=hash:ip --option=family=inet --option=maxelem=1048576',
      '--permanent --new-ipset=riposte6 --type=hash:ip --option=family=inet6 --option=maxelem=1048576',
      '--permanent --new-policy=riposte-forward',
      '--permanent --policy=riposte-forward --add-ingress-zone=ANY',
      '--permanent --policy=riposte-forward --add-egress-zone=ANY',
      '--permanent --policy=riposte-forward --set-priority=-10000',
      '--permanent --new-policy=riposte-host',
      '--permanent --policy=riposte-host --add-ingress-zone=ANY',
      '--permanent --policy=riposte-host --add-egress-zone=HOST',
      '--permanent --policy=riposte-host --set-priority=-10000',
      '--reload',
      ...['riposte-forward', 'riposte-host'].map(
        (name) => `--policy=${name} ${IN_FORCE.map((rule) => `--add-rich-rule=${rule}`).join(' ')}`,
      ),
      '--ipset=riposte4 --add-entry=203.0.113.9',
    ],
  ]);
});

test('never makes an address or a rule permanent', () => {
  for (const plan of [firstBlock('203.0.113.9'), firstBlock('198.51.100.0/24'), block('198.51.100.0/24')])
    for (const line of lines(plan).flat()) assert.not.match(line, /--permanent.*(entry|rich-rule)/);
});

test('adds a prefix as a rule in both policies, and not as an entry', () => {
  assert.equal(lines(block('198.51.100.9/24'))[0], [
    '--policy=riposte-forward --add-rich-rule=rule family="ipv4" source address="198.51.100.0/24" drop',
    '--policy=riposte-host --add-rich-rule=rule family="ipv4" source address="198.51.100.0/24" drop',
  ]);
});

test('changes nothing when a prefix is blocked already', () => {
  assert.equal(lines(block('198.51.100.0/24', richRules(['198.51.100.0/24'], DROP)))[0], []);
});

test('adapts the rules to the policy at a block, and keeps the prefixes', () => {
  const before = richRules(['198.51.100.0/24'], DROP);
  const after = richRules(['198.51.100.0/24'], REJECT);
  const options = (verb: string, rules: string[]) =>
    rules.map((rule) => `--${verb}-rich-rule=${rule}`).join(' ');
  assert.equal(lines(block('203.0.113.9', before, REJECT))[0], [
    `--policy=riposte-forward ${options('remove', before)}`,
    `--policy=riposte-host ${options('remove', before)}`,
    `--policy=riposte-forward ${options('add', after)}`,
    `--policy=riposte-host ${options('add', after)}`,
    '--ipset=riposte4 --add-entry=203.0.113.9',
  ]);
});

test('adds missing rules', () => {
  const [first = []] = lines(block('203.0.113.9', IN_FORCE.slice(0, 1)));
  assert.is(first[0], `--policy=riposte-forward --add-rich-rule=${IN_FORCE[1]}`);
  assert.is(first.at(-1), '--ipset=riposte4 --add-entry=203.0.113.9');
});

test('succeeds when an object exists already', () => {
  const adding = firstBlock('203.0.113.9').flatMap(({ commands }) =>
    commands.filter(({ args }) => !args.includes('--reload')),
  );
  for (const { args, tolerate } of adding) {
    assert.ok(
      tolerate?.test('Error: NAME_CONFLICT: new_ipset(): riposte4') && tolerate.test('ALREADY_ENABLED: x'),
      args.join(' '),
    );
    assert.not(tolerate?.test('Error: INVALID_IPSET: riposte4'), args.join(' '));
  }
});

test('fails when the reload fails', () => {
  const reload = firstBlock('203.0.113.9').flatMap(({ commands }) =>
    commands.filter(({ args }) => args.includes('--reload')),
  );
  assert.equal(
    reload.map(({ tolerate }) => tolerate),
    [undefined],
  );
});

test('removes the entry of an unblocked address, and tolerates a missing set or entry', () => {
  assert.equal(lines(unblock('203.0.113.9')), [['--ipset=riposte4 --remove-entry=203.0.113.9']]);
  assert.equal(lines(unblock('2001:db8::9')), [['--ipset=riposte6 --remove-entry=2001:db8::9']]);
  const tolerate = unblock('203.0.113.9')[0]?.commands[0]?.tolerate;
  for (const said of ['Error: INVALID_IPSET: riposte4', 'Warning: NOT_ENABLED: 203.0.113.9'])
    assert.ok(tolerate?.test(said), said);
  assert.not(tolerate?.test('Authorization failed.'));
});

test('removes only the rules of an unblocked prefix', () => {
  const rules = richRules(['198.51.100.0/24', '198.51.100.0/25', '2001:db8::/48'], DROP);
  assert.equal(lines(unblock('198.51.100.0/24', rules)), [
    [
      '--policy=riposte-forward --remove-rich-rule=rule family="ipv4" source address="198.51.100.0/24" drop',
      '--policy=riposte-host --remove-rich-rule=rule family="ipv4" source address="198.51.100.0/24" drop',
    ],
  ]);
  assert.equal(lines(unblock('198.51.100.0/24', [])), [[]]);
  assert.equal(lines(unblock('198.51.100.0/24', undefined)), [[]]);
});

test('parses listings with one entry or rule in each line', () => {
  assert.equal(parseLines('203.0.113.9\n2001:db8::9\n'), ['203.0.113.9', '2001:db8::9']);
  assert.equal(parseLines('\n'), []);
  assert.equal(parseLines(''), []);
});

test.run();
