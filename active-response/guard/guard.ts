import { type Address, overlaps, parseAddress } from '../../base/address.ts';
import type { Executor } from '../../base/execute.ts';
import type { Source } from '../protocol/request.ts';
import type { Settings } from '../settings/settings.ts';
import { readAllowList } from './allow-list.ts';
import { ipv4Gateways, ipv6Gateway, nameServers, ownAddresses, ownNetworks } from './host-addresses.ts';
import { managerAddresses } from './manager-address.ts';
import { sshPeer } from './ssh-peer.ts';
import { whiteListed } from './white-list.ts';

/**
 * True when private addresses are never blocked. With `auto`, `riposte serve` and `scan` never block them: behind an
 * unknown proxy, they see only the proxy's address. A manager may block them, because its own rules decide. A third
 * party's list never blocks them.
 */
export const holdsPrivate = ({ allowPrivate }: Pick<Settings, 'allowPrivate'>, source?: Source): boolean =>
  source === 'list' || allowPrivate === 'yes' || (allowPrivate === 'auto' && source === 'server');

/** The input of the guard's checks. */
export interface Surroundings {
  /** The file of the allow list, if there is one to read. */
  readonly allowList: string | undefined;
  readonly allowPrivate: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The text of ossec.conf, if it exists. */
  readonly ossecConf: string | undefined;
  /** Says whether a person typed the command; unless it is `no`, the SSH peer is protected, too. */
  readonly byHand: 'no' | 'maybe' | 'on a terminal';
  /** True when a third party's list names the address: then this host's networks are protected, too. */
  readonly isListed?: boolean;
  readonly executor: Executor;
}

/**
 * Returns the reason why an address is never blocked; undefined when it may be. A prefix is protected if it contains a
 * protected address.
 *
 * @throws RiposteError (CONFIG) when the allow list cannot be read
 */
export function protectedBecause(address: Address, surroundings: Surroundings): string | undefined {
  return reasonAmong(protectedAddresses(address.family, surroundings), address);
}

/**
 * Returns the same check for many addresses: reads the protected addresses only once.
 *
 * @throws RiposteError (CONFIG) when the allow list cannot be read; the returned function throws it as well
 */
export function protector(surroundings: Surroundings): (address: Address) => string | undefined {
  const known = new Map<4 | 6, [why: string, addresses: Address[]][]>();
  return (address) => {
    const kinds = known.get(address.family) ?? [...protectedAddresses(address.family, surroundings)];
    known.set(address.family, kinds);
    return reasonAmong(kinds, address);
  };
}

/** The reason of the first protected address that overlaps the address. @param kinds as `protectedAddresses` returns */
export function reasonAmong(
  kinds: Iterable<[why: string, addresses: Address[]]>,
  address: Address,
): string | undefined {
  for (const [why, addresses] of kinds) {
    const match = addresses.find((candidate) => overlaps(candidate, address));
    if (match !== undefined) return match.text === address.text ? why : `${why} ${match.text}`;
  }
  return undefined;
}

/**
 * The addresses that are never blocked, by the name of their kind.
 *
 * @throws RiposteError (CONFIG) when the allow list cannot be read
 */
export function* protectedAddresses(
  family: 4 | 6,
  surroundings: Surroundings,
): Generator<[why: string, addresses: Address[]]> {
  const { loopback, linkLocal, multicast, privateUse } = SPECIAL[family];
  yield ['loopback', loopback.map(parseAddress)];
  yield ['link-local', linkLocal.map(parseAddress)];
  yield ['multicast or broadcast', multicast.map(parseAddress)];
  if (surroundings.allowPrivate) yield [PRIVATE, privateUse.map(parseAddress)];
  yield ['in the allow list', readAllowList(surroundings.allowList)];
  yield ['one of this host’s own addresses', ownAddresses(family)];
  if (surroundings.isListed) yield ['one of this host’s own networks', ownNetworks(family)];
  yield ['a name server', nameServers()];
  yield ['in the white_list of ossec.conf', whiteListed(surroundings.ossecConf)];
  yield ['the manager', managerAddresses(surroundings.ossecConf)];
  yield ['a default gateway', family === 4 ? ipv4Gateways() : ipv6Gateway(surroundings.executor)];
  if (surroundings.byHand === 'no') return;
  yield ['the address of your login', sshPeer(surroundings.env, surroundings.byHand === 'on a terminal')];
}

/** The kind of private addresses. */
export const PRIVATE = 'private (ALLOW_PRIVATE)';

const SPECIAL = {
  4: {
    loopback: ['127.0.0.0/8'],
    linkLocal: ['169.254.0.0/16'],
    multicast: ['224.0.0.0/4', '255.255.255.255'],
    privateUse: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
  },
  6: { loopback: ['::1'], linkLocal: ['fe80::/10'], multicast: ['ff00::/8'], privateUse: ['fc00::/7'] },
};

/** True for an address of a private network: it belongs to a different host in each network. */
export const isPrivate = (address: Address): boolean =>
  SPECIAL[address.family].privateUse.some((text) => overlaps(parseAddress(text), address));
