import { firstHost, isHost } from '../address.ts';
import { type Backend, type Change, look, type Plan, runPlan } from './backend.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import { parseListing } from './nftables-listing.ts';
import { applySome, LISTING } from './nftables-many.ts';
import {
  declaration,
  EXISTS,
  fingerprint,
  MISSING,
  prefixSet,
  rules,
  script,
  setOf,
  TABLE,
  TRY_ANOTHER,
} from './nftables-table.ts';

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
      for (const verb of ['block', 'unblock'] as const) {
        const some = changes.filter((change) => change.verb === verb);
        if (some.length > 0) applySome(some, policy, executor);
      }
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
