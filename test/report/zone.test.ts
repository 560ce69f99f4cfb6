import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { zoneName } from '../../report/zone.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const zoneOf = (TZ: string) => {
  process.env.TZ = TZ;
  return zoneName(NOW);
};
const before = process.env.TZ;
test.after(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

test('returns the zone’s name when it has one', () => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'UTC']) assert.is(zoneOf(zone), zone);
});

test('returns the name of a zone with the same offset when the host’s zone has no name that browsers support', () => {
  for (const [TZ, zone] of [
    ['UTC+3', 'Etc/GMT+3'],
    ['Nowhere/AtAll', 'UTC'],
    ['', 'UTC'],
  ] as const) {
    assert.is(zoneOf(TZ), zone, TZ);
    const hour = new Intl.DateTimeFormat('sv', { timeZone: zone, hour: 'numeric' }).format(NOW);
    assert.is(Number(hour), NOW.getHours(), TZ);
  }
});

test.run();
