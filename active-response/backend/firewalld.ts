import type { Address } from '../address.ts';
import { type Backend, type Change, look, type Plan, runPlan } from './backend.ts';
import type { Command } from './execute.ts';
import type { FirewallPolicy } from './firewall-policy.ts';

/** What firewall-cmd says of an entry, a set or a rule that is there already, or is not. */
const ALREADY = /ALREADY_ENABLED|ALREADY_SET|NAME_CONFLICT|ZONE_CONFLICT/;
const MISSING = /INVALID_IPSET|NOT_ENABLED/;

/**
 * firewalld, by its own ipset: `riposte4` and `riposte6`. Without ports they are a source of the zone `drop`
 * or `block`, so all that comes from them is dropped or rejected, forwarded or not; with ports, a rich rule of
 * the default zone closes these.
 *
 * firewalld does not take entries into an ipset with a timeout, so here the ledger alone ends a block that
 * the manager forgets.
 */
export function firewalld(policy: FirewallPolicy): Backend {
  return {
    name: 'firewalld',
    apply: (change, executor) => runPlan(planFirewalld(change, policy), executor),
    list: (executor) =>
      new Set(([4, 6] as const).flatMap((family) => parseEntries(look(listing(family), executor)))),
  };
}

/** The commands for one change. The set and its rule are made at the first block, which reloads firewalld. */
export function planFirewalld({ verb, address }: Change, policy: FirewallPolicy): Plan {
  const set = setOf(address);
  if (verb === 'unblock') {
    return [{ commands: [firewallCmd([`--ipset=${set}`, `--remove-entry=${address.text}`], MISSING)] }];
  }
  const add = firewallCmd([`--ipset=${set}`, `--add-entry=${address.text}`], ALREADY);
  const rules = rulesFor(address.family, policy);
  const query = rules.map((rule) => firewallCmd([...rule.zone, `--query-${rule.option}`]));
  const declare = [
    firewallCmd(
      ['--permanent', `--new-ipset=${set}`, '--type=hash:net', `--option=family=${inet(address)}`],
      ALREADY,
    ),
    ...rules.map((rule) => firewallCmd(['--permanent', ...rule.zone, `--add-${rule.option}`], ALREADY)),
    firewallCmd(['--reload']),
    add,
  ];
  return [{ commands: [add, ...query], nextIf: /INVALID_IPSET|^no$/ }, { commands: declare }];
}

/** The entries that `--get-entries` prints, one a line. */
export const parseEntries = (text: string): string[] => text.split('\n').filter((line) => line !== '');

function rulesFor(family: 4 | 6, { action, ports }: FirewallPolicy): { zone: string[]; option: string }[] {
  const set = `riposte${family}`;
  if (ports.length === 0)
    return [{ zone: [`--zone=${action === 'drop' ? 'drop' : 'block'}`], option: `source=ipset:${set}` }];
  const verdict =
    action === 'drop'
      ? 'drop'
      : `reject type="${family === 4 ? 'icmp-host-unreachable' : 'icmp6-addr-unreachable'}"`;
  const source = `rule family="ipv${family}" source ipset="${set}"`;
  return ports.flatMap((port) =>
    ['tcp', 'udp'].map((l4) => ({
      zone: [],
      option: `rich-rule=${source} port port="${port}" protocol="${l4}" ${verdict}`,
    })),
  );
}

const listing = (family: 4 | 6): Command =>
  firewallCmd([`--ipset=riposte${family}`, '--get-entries'], MISSING);
const setOf = ({ family }: Address) => `riposte${family}`;
const inet = ({ family }: Address) => (family === 4 ? 'inet' : 'inet6');

function firewallCmd(args: string[], tolerate?: RegExp): Command {
  return { program: 'firewall-cmd', args, tolerate };
}
