import { type Address, overlaps, parseAddress } from '../address.ts';
import type { Executor } from '../backend/execute.ts';
import type { Home } from '../home.ts';
import { readAllowList } from './allow-list.ts';
import { ipv4Gateways, ipv6Gateway, nameServers, ownAddresses } from './host-addresses.ts';
import { managerAddresses } from './manager-address.ts';
import { sshPeer } from './ssh-peer.ts';

/** What the guard needs to know of its surroundings. */
export interface Surroundings {
  readonly home: Home;
  readonly allowPrivate: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The text of ossec.conf, where there is one. */
  readonly ossecConf: string | undefined;
  /** How sure it is that a person typed the command; then the SSH peer is protected, too. */
  readonly byHand: 'no' | 'maybe' | 'on a terminal';
  readonly executor: Executor;
}

/**
 * Why an address is never blocked, or undefined when it may be. A prefix is protected by any protected
 * address in it.
 *
 * @throws RiposteError (CONFIG) when the allow list cannot be read
 */
export function protectedBecause(address: Address, around: Surroundings): string | undefined {
  return reasonAmong(protectedAddresses(address.family, around), address);
}

/**
 * The same for many addresses: what is protected is looked up once.
 *
 * @throws RiposteError (CONFIG) when the allow list cannot be read; so does what it returns
 */
export function protector(around: Surroundings): (address: Address) => string | undefined {
  const known = new Map<4 | 6, [why: string, addresses: Address[]][]>();
  return (address) => {
    const kinds = known.get(address.family) ?? [...protectedAddresses(address.family, around)];
    known.set(address.family, kinds);
    return reasonAmong(kinds, address);
  };
}

function reasonAmong(
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
 * What is never blocked, each kind by its name.
 *
 * @throws RiposteError (CONFIG) when the allow list cannot be read
 */
export function* protectedAddresses(
  family: 4 | 6,
  around: Surroundings,
): Generator<[why: string, addresses: Address[]]> {
  const { loopback, linkLocal, multicast, privateUse } = SPECIAL[family];
  yield ['loopback', loopback.map(parseAddress)];
  yield ['link-local', linkLocal.map(parseAddress)];
  yield ['multicast or broadcast', multicast.map(parseAddress)];
  if (around.allowPrivate) yield ['private (ALLOW_PRIVATE)', privateUse.map(parseAddress)];
  yield ['in the allow list', readAllowList(around.home.allowList)];
  yield ['one of this host’s own addresses', ownAddresses(family)];
  yield ['a name server', nameServers()];
  yield ['the manager', managerAddresses(around.ossecConf)];
  yield ['a default gateway', family === 4 ? ipv4Gateways() : ipv6Gateway(around.executor)];
  if (around.byHand === 'no') return;
  yield ['where you are logged in from', sshPeer(around.env, around.byHand === 'on a terminal')];
}

const SPECIAL = {
  4: {
    loopback: ['127.0.0.0/8'],
    linkLocal: ['169.254.0.0/16'],
    multicast: ['224.0.0.0/4', '255.255.255.255'],
    privateUse: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  },
  6: { loopback: ['::1'], linkLocal: ['fe80::/10'], multicast: ['ff00::/8'], privateUse: ['fc00::/7'] },
};
