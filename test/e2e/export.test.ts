import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommand } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { allOnOneInstallation } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { nginxProgram } from '../lab/nginx.ts';
import { labSuite } from '../lab/suite.ts';
import { unpacked } from '../lab/unpacked.ts';

const test = labSuite('riposte export', 'nft');
let host: Host;
let at: Installation;
let directory: string;

allOnOneInstallation(test, (...made) => ([host, at] = made));

const [V4, V6, NET, LISTED, GONE] = [
  '203.0.113.7',
  '2001:db8:113::7',
  '198.51.100.0/24',
  '203.0.113.77',
  '203.0.113.9',
];
const riposte = (...args: string[]) => runCommand(host, at.home, ...args);
const exported = async (...args: string[]) => (await riposte('export', ...args)).stdout;
const add = (address: string, rule: string) =>
  runWithArguments(at, 'firewall-drop', ['add', '-', address, '1.1', rule, '/var/log/x.log', '-']);

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'riposte-export-'));
  await chmod(directory, 0o755);
  await at.write('list.txt', `${LISTED}\n`);
  await add(GONE, '117040');
  await runWithArguments(at, 'firewall-drop', ['delete', '-', GONE]);
  await add(V4, '117053');
  await add(V6, '5712');
  await riposte('block', NET, '--for', '1h');
  await riposte('block', '--file', join(at.home, 'list.txt'));
  await runWithArguments(at, 'route-null', ossec('add', V4));
});
test.after(() => rm(directory, { recursive: true, force: true }));

test('prints each of this host’s own blocks once, and addresses of lists only on request', async () => {
  assert.equal((await exported()).split('\n'), [V4, V6, NET]);
  assert.is(await exported('--origin', 'list'), LISTED);
  assert.equal((await exported('--with-lists')).split('\n').sort(), [V4, V6, NET, LISTED].sort());
  assert.is(await exported('--response', 'route-null'), V4);
  assert.equal((await exported('--since', '1h')).split('\n'), [GONE, V6, NET, V4]);
});

test('prints JSON, and CSV that Riposte reads like the CSV of cscli', async () => {
  const csv = await exported('--format', 'csv');
  assert.match(csv, /^duration,reason,scope,type,value\n/);
  assert.match(csv, new RegExp(`^315360000s,riposte/117053,Ip,ban,${V4}$`, 'm'));
  assert.match(csv, /^\d{1,4}s,riposte\/operator,Range,ban,198\.51\.100\.0\/24$/m);
  await at.write('again.csv', csv);
  const read = await riposte('block', '--file', join(at.home, 'again.csv'), '--dry-run');
  assert.is(read.stdout, 'firewall-drop: again: 3 would be blocked');
  const json = JSON.parse(await exported('--format', 'json'));
  assert.equal(Object.keys(json[0]), ['address', 'since', 'until', 'rule']);
  assert.equal(
    json.map(({ address, until, rule }: Record<string, unknown>) => [address, until === null, rule]),
    [
      [V4, true, '117053'],
      [V6, true, '5712'],
      [NET, false, undefined],
    ],
  );
});

test('prints a bulk report for AbuseIPDB, with the hosts that rules have blocked, but without data of their requests', async () => {
  const lines = (await exported('--format', 'abuseipdb')).split('\n');
  assert.is(lines[0], 'IP,Categories,ReportDate,Comment');
  assert.equal(
    lines.slice(1).map((line) => /^([^,]+),("[\d,]+"|\d+),\d{4}-[\d-]+T[\d:.]+Z,/.exec(line)?.slice(1)),
    [
      [GONE, '"19,21"'],
      [V6, '"18,22"'],
      [V4, '21'],
    ],
  );
  assert.not.match(lines.join('\n'), 'x.log');
});

test('prints a bundle of STIX 2.1 with the same ids each time', async () => {
  const bundle = JSON.parse(await exported('--format', 'stix'));
  assert.equal(JSON.parse(await exported('--format', 'stix')), bundle);
  const uuid = /^(bundle|indicator)--[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  for (const { id } of [bundle, ...bundle.objects]) assert.match(id, uuid);
  assert.equal(
    bundle.objects.map(({ pattern }: { pattern: string }) => pattern),
    [`[ipv4-addr:value = '${V4}']`, `[ipv6-addr:value = '${V6}']`, `[ipv4-addr:value ISSUBSET '${NET}']`],
  );
  for (const { valid_from, valid_until } of bundle.objects)
    assert.ok(valid_until === undefined || valid_until > valid_from);
});

test('prints a file for the geo block of a real nginx', async () => {
  const nginx = await nginxProgram();
  if (nginx === undefined) return;
  await writeFile(join(directory, 'denied'), await exported('--format', 'nginx'));
  const http = `geo $denied { default 0; include ${directory}/denied; }`;
  const conf = `error_log stderr; pid ${directory}/pid; events {} http { access_log off; ${http} }`;
  await writeFile(join(directory, 'nginx.conf'), conf);
  const { exitCode, stderr } = await host.start([nginx, '-t', '-c', join(directory, 'nginx.conf')], {});
  assert.is(exitCode, 0, stderr);
});

test('prints a map for a real HAProxy', async () => {
  const root = await unpacked('haproxy', 'liblua5.3-0', 'libopentracing-c-wrapper0', 'libopentracing1');
  if (root === undefined) return;
  await writeFile(join(directory, 'denied.map'), await exported('--format', 'haproxy'));
  const rule = `http-request deny if { src,map_ip(${directory}/denied.map) -m found }`;
  const conf = `defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\nfrontend f\n bind 127.0.0.1:8080\n ${rule}\n`;
  await writeFile(join(directory, 'haproxy.cfg'), conf);
  const libraries = ['x86_64', 'aarch64'].map((machine) => join(root, `usr/lib/${machine}-linux-gnu`));
  const { exitCode, stdout, stderr } = await host.start(
    [join(root, 'usr/sbin/haproxy'), '-c', '-f', join(directory, 'haproxy.cfg')],
    { env: { LD_LIBRARY_PATH: libraries.join(':') } },
  );
  assert.is(exitCode, 0, stdout + stderr);
});

test('refuses an unknown format, an operand, and options that do not go together', async () => {
  for (const args of [
    ['--format', 'xml'],
    [V4],
    ['--since', '1d', '--with-lists'],
    ['--origin', 'list', '--format', 'abuseipdb'],
  ])
    assert.is((await riposte('export', ...args)).status, 64, args.join(' '));
});

test('prints the own part of a block that a list names, too, and leaves it out when only the list is left', async () => {
  await at.write('both.txt', `${NET}\n${V4}\n`);
  await riposte('block', '--file', join(at.home, 'both.txt'), '--for', '30d');
  const csv = await exported('--format', 'csv');
  assert.match(csv, /^\d{1,4}s,riposte\/operator,Range,ban,198\.51\.100\.0\/24$/m);
  const json: Record<string, unknown>[] = JSON.parse(await exported('--format', 'json'));
  assert.equal(
    json.map(({ origin }) => origin),
    [undefined, undefined, undefined],
  );
  const listed = JSON.parse(await exported('--format', 'json', '--origin', 'both'));
  assert.is(listed.find(({ address }: Record<string, unknown>) => address === NET)?.origin, 'both');
  const ledger = await at.ledger('firewall-drop', NET);
  await at.write(
    'var/riposte/blocks/firewall-drop/198.51.100.0_24.json',
    `${JSON.stringify({ ...ledger, ownUntil: '2026-01-01T00:00:00.000Z' })}\n`,
  );
  assert.equal((await exported()).split('\n').sort(), [V6, V4].sort());
});

test.run();
