import { type Address, bitsOf, firstHost, isHost, netmask } from '../address.ts';
import { type Backend, type Change, look, type Plan, runPlan } from './backend.ts';
import type { Command, Executor } from './execute.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import { parseListing, parseShape, type Shape } from './nftables-listing.ts';

const TABLE = 'inet riposte';

/** What nft says when an element or a set is there already, or one of the same key with another value. */
const EXISTS = /File exists|resource busy/i;
/** What nft says when a table, a set or an element is not there. */
const MISSING = /No such file or directory/;
const TRY_ANOTHER = new RegExp(`${EXISTS.source}|${MISSING.source}`, 'i');

/**
 * The kernel's packet filter, by `nft`: one plain set of addresses a family, and one plain set for each
 * length of prefix, looked up with the netmask. No interval set: with one anywhere in the rule set nft reads
 * it whole at each call, and overlapping prefixes exclude each other there.
 *
 * The base chain hooks prerouting before conntrack (priority -300), so that forwarded traffic and Docker's
 * published ports are covered, and a blocked flood costs no conntrack entry.
 */
export function nftables(policy: FirewallPolicy): Backend {
  return {
    name: 'nftables',
    apply: (change, executor) => runPlan(planNftables(change, policy), executor),
    applyAll(changes, executor) {
      runPlan([{ commands: [planMany(changes, policy, shapeFor(changes, executor))] }], executor);
      return new Map();
    },
    list: (executor) => parseListing(look(LISTING, executor)),
  };
}

/**
 * The commands for one change. A block tries the element alone first (3 ms); only when that fails, it is
 * renewed, which costs a grace period of the kernel's; only when the set or its rules are missing, or made for
 * another policy, all is declared. Each attempt is one transaction.
 */
export function planNftables({ verb, address, seconds, known }: Change, policy: FirewallPolicy): Plan {
  const set = setOf(address);
  const element = `element ${TABLE} ${set} { ${firstHost(address)} }`;
  const timed = seconds === undefined ? element : element.replace(' }', ` timeout ${seconds}s }`);
  const inForce = `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`;
  // On kernels before 6.12 only an element that is deleted first gets the new timeout.
  const renewed = [`add ${element}`, `delete ${element}`, `add ${timed}`];
  if (verb === 'unblock') return [{ commands: [script(`delete ${element}`, MISSING)] }];
  const create = { commands: [script([inForce, `create ${timed}`])], nextIf: TRY_ANOTHER };
  // To renew waits for the kernel anyway, so it also puts back rules that somebody has flushed.
  const renew = { commands: [script([...rules(policy), inForce, ...renewed])], nextIf: TRY_ANOTHER };
  const declareSet = {
    commands: [script([...declaration(policy), ...prefixSet(address), inForce, ...renewed])],
    nextIf: EXISTS,
  };
  const declare = { commands: [script([...declaration(policy), inForce, ...renewed])] };
  return [...(known ? [] : [create]), renew, ...(isHost(address) ? [] : [declareSet]), declare];
}

/**
 * Many changes as one transaction, whatever of the table is there. An element is added, deleted and added
 * again: so it is no error when it is there or when it is not, and it has its new timeout in the end.
 *
 * @param shape what there is for prefixes now
 */
export function planMany(changes: readonly Change[], policy: FirewallPolicy, shape: Shape): Command {
  const blocks = changes.filter(({ verb }) => verb === 'block');
  const prefixes = new Map(
    blocks.flatMap(({ address }) => (isHost(address) ? [] : [[setOf(address), address] as const])),
  );
  const lines = [...prefixes].flatMap(([set, address]) => {
    const [create, rule] = prefixSet(address);
    return [...(shape.sets.has(set) ? [] : [create]), ...(shape.ruled.has(set) ? [] : [rule])];
  });
  const declared =
    blocks.length === 0
      ? []
      : [...declaration(policy), `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`];
  return script([...declared, ...lines, ...elementLines(changes)]);
}

function elementLines(changes: readonly Change[]): string[] {
  const bySet = new Map<string, Change[]>();
  for (const change of changes) {
    const set = setOf(change.address);
    const others = bySet.get(set);
    if (others) others.push(change);
    else bySet.set(set, [change]);
  }
  return [...bySet].flatMap(([set, some]) => {
    const plain = some.map(({ address }) => firstHost(address)).join(', ');
    const timed = some
      .filter(({ verb }) => verb === 'block')
      .map(
        ({ address, seconds }) => firstHost(address) + (seconds === undefined ? '' : ` timeout ${seconds}s`),
      );
    const element = `element ${TABLE} ${set}`;
    const lines = [`add ${element} { ${plain} }`, `delete ${element} { ${plain} }`];
    return timed.length === 0 ? lines : [...lines, `add ${element} { ${timed.join(', ')} }`];
  });
}

function shapeFor(changes: readonly Change[], executor: Executor): Shape {
  const hasPrefix = changes.some(({ verb, address }) => verb === 'block' && !isHost(address));
  return parseShape(hasPrefix ? look(TERSE, executor) : '');
}

/** All of the table: also for a counter alone nft reads every element. */
export const LISTING: Command = {
  program: 'nft',
  args: ['-j', 'list', 'table', 'inet', 'riposte'],
  tolerate: MISSING,
};

/** The same without the elements, which need not be read to see which sets and rules are there. */
const TERSE: Command = { ...LISTING, args: ['-t', ...LISTING.args] };

const setOf = ({ family, prefix }: Address) =>
  `blocked${family}${prefix === bitsOf(family) ? '' : `_${prefix}`}`;

/**
 * The whole table for a policy, whatever of it is there. The map `made_for` holds which policy the rules
 * were made for: to add the same value again changes nothing, another one fails, and so every block notices.
 */
function declaration(policy: FirewallPolicy): string[] {
  return [
    `add table ${TABLE}`,
    `add set ${TABLE} blocked4 { type ipv4_addr; flags timeout; counter; }`,
    `add set ${TABLE} blocked6 { type ipv6_addr; flags timeout; counter; }`,
    `add map ${TABLE} made_for { type mark : mark; }`,
    `flush map ${TABLE} made_for`,
    `add chain ${TABLE} verdict`,
    `add chain ${TABLE} prefixes`,
    `add chain ${TABLE} block { type filter hook prerouting priority -300; policy accept; }`,
    ...rules(policy),
  ];
}

/** The rules of the table, whatever of them is there. */
function rules(policy: FirewallPolicy): string[] {
  return [
    // By a name, so that it counts on when the rules are made anew.
    `add counter ${TABLE} dropped`,
    `flush chain ${TABLE} verdict`,
    `add rule ${TABLE} verdict ${statement(policy)}`,
    `flush chain ${TABLE} block`,
    `add rule ${TABLE} block ip saddr @blocked4 goto verdict`,
    `add rule ${TABLE} block ip6 saddr @blocked6 goto verdict`,
    `add rule ${TABLE} block jump prefixes`,
  ];
}

/** `create` fails when the set is there, so its rule is never added twice. */
function prefixSet(address: Address): [set: string, rule: string] {
  const [type, ip] = address.family === 4 ? ['ipv4_addr', 'ip'] : ['ipv6_addr', 'ip6'];
  return [
    `create set ${TABLE} ${setOf(address)} { type ${type}; flags timeout; counter; }`,
    `add rule ${TABLE} prefixes ${ip} saddr & ${netmask(address)} @${setOf(address)} goto verdict`,
  ];
}

function statement({ action, ports }: FirewallPolicy): string {
  const match = ports.length === 0 ? '' : `meta l4proto { tcp, udp } th dport { ${ports.join(', ')} } `;
  return `${match}counter name dropped ${action === 'drop' ? 'drop' : 'reject with icmpx type host-unreachable'}`;
}

/** A policy as a number of 32 bits (FNV-1a of its statement). */
function fingerprint(policy: FirewallPolicy): string {
  let hash = 0x811c9dc5;
  for (const char of statement(policy)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return `0x${hash.toString(16).padStart(8, '0')}`;
}

function script(lines: string | string[], tolerate?: RegExp): Command {
  return { program: 'nft', args: ['-f', '-'], input: `${[lines].flat().join('\n')}\n`, tolerate };
}
