import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runHere } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { Installation } from '../lab/installation.ts';
import { mmdb } from '../lab/mmdb.ts';

const name = 'countries and networks';
const test = process.getuid?.() === 0 ? suite(name) : (suite(name).skip as never as ReturnType<typeof suite>);
const [KNOWN, UNKNOWN, V6] = ['203.0.113.7', '198.51.100.7', '2001:db8:113::9'] as const;

let at: Installation;
let countries: string;
let systems: string;

test.before(async () => {
  at = await Installation.create();
  countries = join(at.home, 'countries.mmdb');
  systems = join(at.home, 'systems.mmdb');
  await databases();
  for (const address of [KNOWN, UNKNOWN, V6])
    await runWithArguments(at, 'apache-deny', ['add', '-', address, '1.1', '117053', '/var/log/x.log', '-']);
});
test.after(() => at.remove());
test.before.each(databases);

/** Writes both databases, and the setting that names them. */
async function databases(): Promise<void> {
  for (const file of [countries, systems]) await rm(file, { recursive: true, force: true });
  const nl = { country: { iso_code: 'NL' } };
  await writeFile(
    countries,
    mmdb([
      ['203.0.113.0/24', nl],
      ['2001:db8:113::/48', { country: { iso_code: 'SE' } }],
    ]),
  );
  const system = { autonomous_system_number: 64500, autonomous_system_organization: 'Example <b>Hosting' };
  await writeFile(systems, mmdb([['203.0.113.0/24', system]], { type: 'GeoLite2-ASN' }));
  await at.write('etc/riposte.conf', `GEOIP_FILES=${countries},${systems}\n`);
}

const riposte = async (...words: string[]) => {
  const { status, stdout, stderr } = await runHere(at.home, ...words);
  return { status, out: stdout, err: stderr };
};

/** The row of an address. */
const rowOf = (text: string, address: string) =>
  text.split('\n').find((line) => line.includes(address)) ?? '';

test('shows country and network in status and history, and as fields of their JSON', async () => {
  const { status, out } = await riposte('status');
  assert.is(status, 0);
  assert.match(out.split('\n')[0] ?? '', /PACKETS {2}COUNTRY {2}NETWORK$/);
  assert.match(rowOf(out, KNOWN), / {2}NL {7}AS64500 Example <b>Hosting$/);
  assert.match(rowOf(out, V6), / {2}SE {7}-$/);
  assert.match(rowOf(out, UNKNOWN), / {2}- {8}-$/);
  const { blocks } = JSON.parse((await riposte('status', '--json')).out);
  const found = Object.fromEntries(blocks.map((block: Record<string, unknown>) => [block.address, block]));
  assert.equal(
    [found[KNOWN].country, found[KNOWN].asn, found[KNOWN].organization],
    ['NL', 64500, 'Example <b>Hosting'],
  );
  assert.not.ok('country' in found[UNKNOWN]);
  const history = (await riposte('history')).out;
  assert.match(history.split('\n')[0] ?? '', /UNTIL +COUNTRY {2}NETWORK +REASON$/);
  assert.match(rowOf(history, KNOWN), / NL {7}AS64500 Example <b>Hosting {2}/);
  const event = JSON.parse((await riposte('history', KNOWN, '--json')).out);
  assert.equal([event.event, event.country, event.asn], ['blocked', 'NL', 64500]);
});

test('counts countries and autonomous systems in the report, in the terminal and as a page', async () => {
  const { out } = await riposte('report');
  assert.match(out, /From which countries\n(NL|SE) {2}1 /);
  assert.match(out, /From which autonomous systems\nAS64500 Example <b>Hosting {2}1 /);
  const file = join(at.home, 'report.html');
  assert.is((await riposte('report', '--html', file)).status, 0);
  const page = await readFile(file, 'utf8');
  assert.not.match(page, 'Example <b>Hosting');
  const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
  const { places, now, addresses } = JSON.parse(json);
  const namesIn = (top: { rows: { name: string; alerts: number }[] }) =>
    top.rows.map(({ name: each, alerts }) => [each, alerts]).sort();
  assert.equal(namesIn(places.countries), [
    ['NL', 1],
    ['SE', 1],
  ]);
  assert.equal(namesIn(places.systems), [['AS64500 Example <b>Hosting', 1]]);
  for (const rows of [now.blocks, addresses.rows])
    assert.is(rows.filter(({ country }: { country?: string }) => country === 'NL').length, 1);
});

test('shows neither countries nor networks with GEOIP_FILES=none', async () => {
  await at.write('etc/riposte.conf', 'GEOIP_FILES=none\n');
  assert.not.match((await riposte('status')).out, 'COUNTRY');
  assert.not.match((await riposte('history')).out, 'COUNTRY');
  assert.not.match((await riposte('report')).out, 'From which countries');
  assert.not.match((await riposte('status', '--json')).out, '"country"');
  assert.not.match((await riposte('doctor', '--skip-test')).out, ' countries ');
});

const FAULTS: readonly [what: string, make: () => Promise<unknown>, says: RegExp][] = [
  ['missing', async () => {}, /cannot read \S+countries\.mmdb: ENOENT/],
  [
    'damaged',
    () => writeFile(countries, 'GIF89a'),
    /countries\.mmdb is not a complete database of MaxMind's format/,
  ],
  ['a pipe', () => execa('mkfifo', [countries]), /countries\.mmdb: it is a pipe/],
  ['a directory', () => mkdir(countries), /countries\.mmdb: it is a directory/],
  [
    'huge',
    async () => {
      await writeFile(countries, '');
      await truncate(countries, 1024 ** 3);
    },
    /countries\.mmdb: it is too large/,
  ],
];

for (const [what, make, says] of FAULTS)
  test(`works without a database that is ${what}, and doctor names the database`, async () => {
    await rm(countries);
    await make();
    const { status, out, err } = await riposte('status');
    assert.equal([status, err], [0, '']);
    // Riposte still uses the other database.
    assert.match(rowOf(out, KNOWN), / {2}- {8}AS64500 Example <b>Hosting$/);
    assert.is((await riposte('history', KNOWN)).status, 0);
    assert.is((await riposte('report')).status, 0);
    const doctor = (await riposte('doctor', '--skip-test')).out;
    assert.match(doctor, says);
    assert.match(doctor, /systems\.mmdb: GeoLite2-ASN of \d{4}-\d\d-\d\d/);
  });

test('says that a wrong setting does not count, and that a database is old', async () => {
  await at.write('etc/riposte.conf', 'GEOIP_FILES=countries.mmdb\n');
  assert.match(
    (await riposte('doctor', '--skip-test')).out,
    /GEOIP_FILES is 'countries\.mmdb', but must be absolute paths .* or none: Riposte ignores that line/,
  );
  assert.is((await riposte('status')).status, 0);
  await databases();
  await writeFile(countries, mmdb([['203.0.113.0/24', {}]], { built: new Date('2020-01-02T03:04:05Z') }));
  assert.match(
    (await riposte('doctor', '--skip-test')).out,
    /countries\.mmdb: GeoLite2-Country of 2020-01-02, more than 90 days old/,
  );
});

test.run();
