import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ipv4Gateways,
  ipv6Gateway,
  nameServers,
  ownAddresses,
} from '../../../active-response/guard/host-addresses.ts';
import type { Address } from '../../../base/address.ts';
import { EX } from '../../../base/errors.ts';
import { realExecutor } from '../../../base/execute.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../support.ts';

const texts = (addresses: Address[]) => addresses.map(({ text }) => text).sort();
/** An address without its zone, as WHATWG URL writes it. */
const canonical = (address: string) => {
  const host = address.replace(/%.*/, '');
  return new URL(`http://${host.includes(':') ? `[${host}]` : host}/`).hostname.replace(/[[\]]/g, '');
};
const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
/** Runs a fake `ip` with this script. */
const gatewayIn = (script: string) =>
  texts(ipv6Gateway(realExecutor(20, { PATH: directoryOfPrograms({ ip: script }) })));

test('lists the addresses of all interfaces, by family', () => {
  const all = Object.values(networkInterfaces()).flatMap((each = []) =>
    each.map(({ address }) => canonical(address)),
  );
  assert.equal(texts(ownAddresses(4)), all.filter((address) => !address.includes(':')).sort());
  assert.equal(texts(ownAddresses(6)), all.filter((address) => address.includes(':')).sort());
});

test('lists the name servers of resolv.conf', () => {
  const lines = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'].flatMap((file) =>
    textOf(file).split('\n'),
  );
  const servers = lines.map((line) => line.trim().split(/\s+/)).filter(([word]) => word === 'nameserver');
  assert.equal(texts(nameServers()), servers.map(([, server = '']) => canonical(server)).sort());
});

test('lists the IPv4 gateways of the default routes in the kernel’s table', () => {
  const rows = textOf('/proc/net/route')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const defaults = rows.filter(
    ([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000',
  );
  const expected = defaults.map(([, , gateway = '']) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(Number.parseInt(gateway, 16));
    return bytes.join('.');
  });
  assert.equal(texts(ipv4Gateways()), expected.sort());
});

test('finds the IPv6 gateway by a look-up', () => {
  const via = 'default via 2001:db8::1 dev eth0 proto ra metric 1024 expires 1790sec pref medium';
  assert.equal(gatewayIn(`[ "$*" = "-6 route get fibmatch 2000::" ] && echo '${via}'`), ['2001:db8::1']);
});

test('finds no IPv6 gateway when the look-up names none, fails, or cannot be parsed', () => {
  assert.equal(gatewayIn("echo 'default dev eth0 metric 1024'"), []);
  assert.equal(
    gatewayIn("echo 'default via 2001:db8::1 dev eth0'; echo 'Network is unreachable' >&2; exit 2"),
    [],
  );
  assert.equal(gatewayIn("echo 'default via nowhere'"), []);
  assert.equal(gatewayIn(''), []);
});

test('finds no IPv6 gateway without ip', () => {
  const executor = realExecutor(20, { PATH: temporaryDirectory() });
  refuses(() => ipv6Gateway(executor), EX.UNAVAILABLE, /^ip is not in PATH .*install iproute2$/);
});

test.run();
