import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { geoFiles } from '../../active-response/settings/geoip-settings.ts';
import { parseAddress } from '../../base/address.ts';
import { RiposteError } from '../../base/errors.ts';
import { openGeoDatabase, placesIn } from '../../base/geo-database.ts';
import { networkName, type Place } from '../../base/place.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { type MmdbOptions, mmdb } from '../lab/mmdb.ts';

const NL = { country: { iso_code: 'NL', names: { en: 'Netherlands' } } };
const AS = { autonomous_system_number: 64500, autonomous_system_organization: 'Example \u001b[1mHosting' };
const file = join(temporaryDirectory(), 'some.mmdb');

const open = (bytes: Buffer) => {
  writeFileSync(file, bytes);
  return openGeoDatabase(file);
};

/** Returns the message of the error that the work throws. */
async function errorOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  assert.instance(error, RiposteError, String(error));
  return error.message;
}

const KINDS: MmdbOptions[] = [24, 28, 32].flatMap((recordSize) =>
  [4, 6].map((ipVersion) => ({ recordSize, ipVersion }) as MmdbOptions),
);

for (const options of KINDS)
  test(`finds places in a tree of ${options.recordSize} bits for IPv${options.ipVersion}`, async () => {
    const networks = [
      '198.51.100.0/24',
      '203.0.113.128/25',
      ...(options.ipVersion === 6 ? ['2001:db8:113::/48'] : []),
    ];
    const { placeOf, type } = await open(
      mmdb(
        networks.map((each) => [each, NL] as const),
        options,
      ),
    );
    assert.is(type, 'GeoLite2-Country');
    const countryOf = (text: string) => placeOf(parseAddress(text)).country;
    for (const text of ['198.51.100.0', '198.51.100.255', '203.0.113.200', '198.51.100.0/28'])
      assert.is(countryOf(text), 'NL', text);
    for (const text of ['198.51.101.0', '203.0.113.7', '2001:db8::1', '::1'])
      assert.is(countryOf(text), undefined, text);
    assert.is(countryOf('2001:db8:113::7'), options.ipVersion === 6 ? 'NL' : undefined);
  });

test('joins the places of several databases, and uses the registered country if a record has no other country', async () => {
  const countries = await open(mmdb([['198.51.100.0/24', { registered_country: { iso_code: 'DE' } }]]));
  const networks = await open(mmdb([['198.51.100.0/25', AS]], { type: 'GeoLite2-ASN' }));
  const placeOf = placesIn([countries, networks]);
  assert.equal(placeOf('198.51.100.7'), {
    country: 'DE',
    asn: 64500,
    organization: 'Example \\u001b[1mHosting',
  });
  assert.equal(placeOf('198.51.100.200'), { country: 'DE' });
  for (const text of ['203.0.113.7', 'no address', '']) assert.equal(placeOf(text), {});
  assert.is(networkName(placeOf('198.51.100.7')), 'AS64500 Example \\u001b[1mHosting');
  assert.is(networkName({ organization: 'x'.repeat(100) })?.length, 41);
  assert.is(networkName({}), undefined);
});

test('returns no place for a record of another kind', async () => {
  const records = [{ country: 'NL' }, { country: { iso_code: '<b>' } }, { autonomous_system_number: 'x' }];
  for (const record of [...records, {}]) {
    const { placeOf } = await open(mmdb([['198.51.100.0/24', record]]));
    assert.equal(placeOf(parseAddress('198.51.100.1')), {}, JSON.stringify(record));
  }
});

test('refuses a file that is missing, cut off, too large, of another kind, or a directory', async () => {
  const whole = mmdb([['198.51.100.0/24', NL]]);
  // A file that lacks only its last 20 bytes counts as complete, because only the text of its description is cut.
  for (let length = 0; length < whole.length - 20; length += 17)
    assert.match(await errorOf(open(whole.subarray(0, length))), `${file} is not a complete database`);
  assert.match(await errorOf(open(Buffer.from('<html>Sign in</html>'))), 'is not a complete database');
  // The metadata are complete, but the tree is not.
  assert.match(await errorOf(open(whole.subarray(-260))), 'is not a complete database');
  truncateSync(file, 300 * 1024 * 1024);
  assert.match(await errorOf(openGeoDatabase(file)), `cannot read ${file}: it is too large`);
  assert.match(await errorOf(openGeoDatabase('/nowhere/x.mmdb')), 'cannot read /nowhere/x.mmdb');
  assert.match(await errorOf(openGeoDatabase(dirname(file))), 'it is a directory');
});

test('returns a place or none, and does not hang, whichever byte of a database is wrong', async () => {
  const whole = mmdb(
    [
      ['198.51.100.0/24', NL],
      ['203.0.113.0/24', AS],
    ],
    { ipVersion: 4 },
  );
  const address = parseAddress('198.51.100.7');
  let opened = 0;
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 0x3f, 0xff]) {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      const database = await open(bytes).catch((error: unknown) => {
        assert.instance(error, RiposteError, `${at}: ${error}`);
        return undefined;
      });
      if (database === undefined) continue;
      opened++;
      const place: Place = database.placeOf(address);
      assert.ok(place.country === undefined || /^[A-Z]{2}$/.test(place.country), `${at}: ${place.country}`);
    }
  }
  assert.ok(opened > 0);
});

test('uses the databases that the setting names, or otherwise one of each kind from the usual directories', () => {
  const root = temporaryDirectory();
  const put = (name: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), '');
    return join(root, name);
  };
  assert.equal(geoFiles({ geoipFiles: [] }, root), []);
  const city = put('var/lib/GeoIP/GeoLite2-City.mmdb');
  assert.equal(geoFiles({ geoipFiles: [] }, root), [city]);
  const country = put('usr/share/GeoIP/GeoLite2-Country.mmdb');
  const asn = put('var/lib/GeoIP/GeoLite2-ASN.mmdb');
  assert.equal(geoFiles({ geoipFiles: [] }, root), [country, asn]);
  assert.equal(geoFiles({ geoipFiles: ['/a.mmdb'] }), ['/a.mmdb']);
  assert.equal(geoFiles({ geoipFiles: ['/a.mmdb'] }, root), [join(root, 'a.mmdb')]);
  assert.equal(geoFiles({ geoipFiles: ['none'] }, root), []);
});

test.run();
