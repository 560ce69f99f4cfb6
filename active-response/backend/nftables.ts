import { firstHost, isHost } from '../../base/address.ts';
import type { Executor } from '../../base/execute.ts';
import { type Backend, type Change, look, type Plan, runPlan } from './backend.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import { parseListing } from './nftables-listing.ts';
import { blockSome, LIST_TABLE, unblockSome } from './nftables-many.ts';
import {
  declaration,
  MISSING,
  policyMark,
  rules,
  script,
  setOf,
  TABLE,
  TRY_ANOTHER,
  timeoutOf,
} from './nftables-table.ts';
import { upkeep } from './nftables-upkeep.ts';

/**
 * The kernel's packet filter, controlled by `nft`: one plain set of addresses for each family, and one plain set for
 * each prefix length, looked up with the netmask if a guard set has the address's key. Uses no interval set: if the
 * rule set contains one, nft reads the whole set at each call, and nft refuses overlapping prefixes.
 *
 * The base chain hooks prerouting before conntrack (priority -300). So it covers forwarded traffic and Docker's
 * published ports, and a blocked flood creates no conntrack entries.
 */
export function nftables(policy: FirewallPolicy): Backend {
  return {
    name: 'nftables',
    units: ['nftables.service'],
    suits: ({ has }) => has('nft'),
    mayHold: ({ has }) => has('nft'),
    upkeep,
    apply(change, executor) {
      if (isHost(change.address)) runPlan(planNftables(change, policy), executor);
      else applySome([change], policy, executor);
    },
    applyAll(changes, executor) {
      applySome(changes, policy, executor);
      return new Map();
    },
    list: (executor, kept) => upkeep?.list?.(executor, kept) ?? parseListing(look(LIST_TABLE, executor)),
  };
}

function applySome(changes: readonly Change[], policy: FirewallPolicy, executor: Executor): void {
  const blocks = changes.filter(({ verb }) => verb === 'block');
  if (blocks.length > 0) blockSome(blocks, policy, executor);
  unblockSome(
    changes.filter(({ verb }) => verb === 'unblock'),
    executor,
  );
}

/**
 * The commands for one change about a host; each attempt is one transaction. A block first creates the element alone
 * (3 ms). If that fails, the next attempt renews the element, and waits for a grace period of the kernel. If the set or
 * its rules are missing or have another policy, the last attempt declares everything.
 */
export function planNftables({ verb, address, seconds, known }: Change, policy: FirewallPolicy): Plan {
  const element = `element ${TABLE} ${setOf(address)} { ${firstHost(address)} }`;
  const timed = seconds === undefined ? element : element.replace(' }', ` ${timeoutOf(seconds)} }`);
  const mark = policyMark(policy);
  // Kernels before 6.12 give an element the new timeout only if it is deleted first.
  const renewed = [`add ${element}`, `delete ${element}`, `add ${timed}`];
  if (verb === 'unblock') return [{ commands: [script(`delete ${element}`, MISSING)] }];
  const create = { commands: [script([mark, `create ${timed}`])], nextIf: TRY_ANOTHER };
  // Renewing waits for the kernel anyway, so it also restores rules that another program has flushed.
  const renew = { commands: [script([...rules(policy), mark, ...renewed])], nextIf: TRY_ANOTHER };
  const declare = { commands: [script([...declaration(policy), mark, ...renewed])] };
  return [...(known ? [] : [create]), renew, declare];
}
