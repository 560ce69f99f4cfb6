import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { protector, type Surroundings } from '../../../active-response/guard/guard.ts';
import { protectorOfMany } from '../../../active-response/guard/protector-of-many.ts';
import { parseAddress } from '../../../base/address.ts';
import { EX } from '../../../base/errors.ts';
import { realExecutor } from '../../../base/execute.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../support.ts';

/** A host whose only IPv6 gateway is 2001:db8:aaaa::1. */
const PATH = directoryOfPrograms({ ip: "echo 'default via 2001:db8:aaaa::1 dev eth0'" });

function surroundingsWith(allowList: string): Surroundings {
  const file = join(temporaryDirectory(), 'riposte.allow');
  writeFileSync(file, allowList);
  const executor = realExecutor(20, { PATH });
  return { allowList: file, allowPrivate: true, env: {}, ossecConf: undefined, byHand: 'no', executor };
}

const ALLOWED = ['198.51.100.4', '203.0.0.0/14', '45.0.0.0/7', '2001:db8:bbbb::/48', '2a00::/12', '2600::7'];

test('agrees with the exact check', () => {
  const surroundings = surroundingsWith(ALLOWED.join('\n'));
  const [exact, quick] = [protector(surroundings), protectorOfMany(surroundings)];
  const heads = [0, 1, 9, 10, 11, 44, 45, 46, 47, 100, 127, 172, 192, 198, 203, 223, 224, 255];
  const hosts = heads.flatMap((first) =>
    [0, 3, 4, 15, 16, 51, 64, 127, 128, 168, 255].map((second) => `${first}.${second}.100.4`),
  );
  const groups = [
    '2001:db8',
    '2a00',
    '2a0f',
    '2a10',
    '29ff',
    '2600',
    '2601',
    'fe80',
    'fec0',
    'fc00',
    'ff00',
    '1',
  ];
  const others = groups.flatMap((head) => [`${head}::7`, `${head}:bbbb::1`, `${head}::/32`]);
  const short = ['::1', '::7', '::/32', '::cb00:7109', '1.0.0.0/8', '198.51.100.0/24', '10.0.0.0/9'];
  const known = [...hosts, ...others, ...short];
  for (const text of known) assert.is(quick(text), exact(parseAddress(text)), text);
  assert.ok(known.some((text) => quick(text) === undefined));
});

test('protects a mapped address like its IPv4 address', () => {
  const quick = protectorOfMany(surroundingsWith('198.51.100.4'));
  assert.is(quick('::ffff:198.51.100.4'), 'in the allow list');
  assert.is(quick('0:0:0:0:0:ffff:c633:6404'), 'in the allow list');
});

for (const text of [
  '',
  '.',
  'x.y',
  '1',
  '999.1.1.1',
  '-1.2.3.4',
  'name.json',
  'zz::1',
  'fe80::1%eth0',
  '12345::1',
  '1.2.3.4/77',
])
  test(`protects no text that is not an address, such as ${text || 'an empty text'}`, () => {
    assert.is(protectorOfMany(surroundingsWith('0.0.0.0/8'))(text), undefined);
  });

test('throws an error when a line of the allow list is wrong', () => {
  const quick = protectorOfMany(surroundingsWith('no address'));
  refuses(() => quick('203.0.113.9'), EX.CONFIG, /no address/);
});

test.run();
