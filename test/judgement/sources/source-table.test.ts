import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SourceTable } from '../../../judgement/sources/source-table.ts';

const test = suite('sources');
const START = 1_800_000_000;

/** Counts probes for a source, so that it becomes a suspect. */
function suspect(table: SourceTable, address: string, time: number): void {
  const source = table.seen(address, time);
  source.countedProbes.addPayload('/?a', 'x', time);
  source.countedProbes.addPayload('/?b', 'x', time);
  table.counted(source, time);
}

test('forgets the source with the oldest request', () => {
  const table = new SourceTable(3);
  for (const [i, address] of ['a', 'b', 'c', 'a', 'd'].entries()) table.seen(address, START + i);
  assert.is(table.get('b'), undefined);
  assert.ok(table.get('a') && table.get('c') && table.get('d'));
  assert.is(table.forgotten, 1);
});

test('forgets all other sources before a source whose counts exceed half of a limit', () => {
  const table = new SourceTable(4);
  suspect(table, 'scanner', START);
  for (let i = 0; i < 100; i++) table.seen(`visitor ${i}`, START + 1);
  assert.ok(table.get('scanner')?.isSuspect);
  assert.is(table.size, 4);
});

test('forgets a suspect first when its counts have expired', () => {
  const table = new SourceTable(3);
  suspect(table, 'scanner', START);
  for (const address of ['a', 'b', 'c']) table.seen(address, START + 601);
  assert.is(table.get('scanner'), undefined);
  assert.ok(table.get('a'));
});

test('forgets the oldest suspect when more than half of all sources are suspects', () => {
  const table = new SourceTable(4);
  for (const address of ['s1', 's2', 's3']) suspect(table, address, START);
  table.seen('a', START);
  table.seen('b', START);
  assert.is(table.get('s1'), undefined);
  assert.ok(table.get('a') && table.get('b') && table.get('s2') && table.get('s3'));
});

test('after any requests, keeps the latest sources, and never more sources than the limit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.boolean()), { maxLength: 300 }),
      (steps) => {
        const table = new SourceTable(10);
        for (const [i, [number, isSuspect]] of steps.entries()) {
          if (isSuspect) suspect(table, `${number}`, START + i);
          else table.seen(`${number}`, START + i);
          assert.ok(table.size <= 10);
        }
        const latest = [...new Set(steps.map(([number]) => number).reverse())];
        // At least four latest sources remain, because the table keeps at most six suspects: half of all sources, and
        // the suspect that it forgets next.
        for (const number of latest.slice(0, 4)) assert.ok(table.get(`${number}`), `${number} of ${latest}`);
        assert.is(table.size, Math.min(10, latest.length));
      },
    ),
  );
});

test('finds a source by an address that was cut from a longer text', () => {
  const table = new SourceTable();
  const line = `203.0.113.7 ${'x'.repeat(1000)}`;
  assert.is(table.seen(line.slice(0, 11), START).address, '203.0.113.7');
  assert.is(table.seen('203.0.113.7', START), table.get('203.0.113.7'));
});

test.run();
