import { closeSync, openSync, readSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type Address, addressesIn } from '../../base/address.ts';
import type { Executor } from '../../base/execute.ts';
import { readIfThere } from '../../base/files.ts';

/** This host's own addresses of one family. */
export const ownAddresses = (family: 4 | 6): Address[] =>
  interfacesOf(family).flatMap(({ address }) => addressesIn(address));

/** The networks in which this host has an address. */
export const ownNetworks = (family: 4 | 6): Address[] =>
  interfacesOf(family).flatMap(({ cidr }) => addressesIn(cidr ?? undefined));

function interfacesOf(family: 4 | 6): NetworkInterfaceInfo[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return all.filter((each) => each.family === `IPv${family}`);
}

/** The name servers in resolv.conf, and the name servers behind systemd's stub. */
export function nameServers(): Address[] {
  const files = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];
  const text = files.map((file) => readIfThere(file) ?? '').join('\n');
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, server]) => addressesIn(server));
}

/** The default gateways of IPv4. Reads only the head of /proc/net/route, because default routes come first. */
export function ipv4Gateways(): Address[] {
  const lines = head('/proc/net/route', 4096).split('\n');
  const defaults = lines.map((line) => line.split('\t')).filter((fields) => fields[1] === '00000000');
  return defaults.flatMap(([, , gateway = '']) => addressesIn(littleEndian(gateway)));
}

/**
 * The default gateway of IPv6. Asks `ip`: in /proc/net/ipv6_route the default route comes after all other routes,
 * which may be routes to 50,000 blocked hosts.
 */
export function ipv6Gateway(executor: Executor): Address[] {
  const anyHost = '2000::';
  if (process.platform !== 'linux') return []; // an IPv6 gateway usually has a link-local address
  const { ok, stdout } = executor.look({ program: 'ip', args: ['-6', 'route', 'get', 'fibmatch', anyHost] });
  return ok ? [...stdout.matchAll(/ via (\S+)/g)].flatMap(([, gateway]) => addressesIn(gateway)) : [];
}

function littleEndian(hex: string): string {
  const octets = hex.match(/../g) ?? [];
  return octets
    .reverse()
    .map((octet) => Number.parseInt(octet, 16))
    .join('.');
}

function head(file: string, bytes: number): string {
  try {
    const fd = openSync(file, 'r');
    const buffer = Buffer.alloc(bytes);
    try {
      return buffer.toString('latin1', 0, readSync(fd, buffer));
    } finally {
      closeSync(fd);
    }
  } catch {
    return ''; // this host has no IPv4, or is not Linux
  }
}
