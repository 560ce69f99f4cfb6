import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { managerAddresses } from '../../../active-response/guard/manager-address.ts';
import { withoutComments } from '../../../active-response/ossec-conf.ts';
import { temporaryDirectory } from '../support.ts';

const hosts = join(temporaryDirectory(), 'hosts');
writeFileSync(
  hosts,
  `127.0.0.1 localhost
198.51.100.10   manager.example.com manager # the manager
2001:db8::10\tmanager.example.com
#198.51.100.66 manager.example.com
198.51.100.11 other.example.com notmanager
nonsense manager
`,
);
const managersIn = (client: string) =>
  managerAddresses(`<ossec_config>\n<client>${client}</client>\n</ossec_config>`, hosts).map(
    ({ text }) => text,
  );

test('reads OSSEC’s managers from server-ip, and Wazuh’s from address', () => {
  assert.equal(managersIn('<server-ip>198.51.100.1</server-ip>'), ['198.51.100.1']);
  assert.equal(managersIn('<server-ip>198.51.100.1</server-ip><server-ip>2001:DB8::1</server-ip>'), [
    '198.51.100.1',
    '2001:db8::1',
  ]);
  assert.equal(
    managersIn('\n<server>\n  <address> 198.51.100.2 </address>\n  <port>1514</port>\n</server>\n'),
    ['198.51.100.2'],
  );
});

test('finds all addresses of a host name in the hosts file', () => {
  assert.equal(managersIn('<server-hostname>manager.example.com</server-hostname>'), [
    '198.51.100.10',
    '2001:db8::10',
  ]);
  assert.equal(managersIn('<server><address>manager</address></server>'), ['198.51.100.10']);
});

test('finds no address for an unknown or invalid host name', () => {
  assert.equal(managersIn('<server><address>elsewhere.example.com</address></server>'), []);
  assert.equal(managersIn('<server><address>MANAGER_IP</address></server>'), []);
  assert.equal(managersIn('<server-ip></server-ip>'), []);
});

test('ignores commented-out elements', () => {
  assert.equal(
    managersIn('<!-- <server-ip>198.51.100.9</server-ip> --><server-ip>198.51.100.1</server-ip>'),
    ['198.51.100.1'],
  );
  const xml =
    '<!--\n<client><server-ip>198.51.100.9</server-ip></client>\n-->\n<client><server-ip>198.51.100.1</server-ip></client>';
  assert.equal(
    managerAddresses(xml, hosts).map(({ text }) => text),
    ['198.51.100.1'],
  );
  assert.is(withoutComments('a<!-- b -->c<!---->d<!-- e\n<x> -->f'), 'acdf');
});

test('ignores addresses outside of <client>', () => {
  const xml = '<global><white_list>198.51.100.7</white_list><address>198.51.100.8</address></global>';
  assert.equal(managerAddresses(xml, hosts), []);
});

test('reads every <client>, because ossec.conf may have several sections', () => {
  const section = (address: string) =>
    `<ossec_config><client><server><address>${address}</address></server></client></ossec_config>\n`;
  const addresses = managerAddresses(section('198.51.100.1') + section('198.51.100.2'), hosts);
  assert.equal(
    addresses.map(({ text }) => text),
    ['198.51.100.1', '198.51.100.2'],
  );
});

test('finds no manager without ossec.conf, and no address of a name without the hosts file', () => {
  assert.equal(managerAddresses(undefined, hosts), []);
  assert.equal(managerAddresses('', hosts), []);
  const xml = '<client><server-ip>manager</server-ip><server-ip>198.51.100.1</server-ip></client>';
  assert.equal(
    managerAddresses(xml, join(hosts, 'none')).map(({ text }) => text),
    ['198.51.100.1'],
  );
});

test('reads a large file of unclosed elements in linear time', () => {
  for (const opening of ['<!--', '<client>', '<client><!--']) {
    const start = process.cpuUsage();
    managerAddresses(opening.repeat(200_000));
    assert.ok(process.cpuUsage(start).user < 2_000_000, opening);
  }
});

test.run();
