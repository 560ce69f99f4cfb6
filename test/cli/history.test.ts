import { mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import { isPrintable } from '../active-response/support.ts';
import { blockedEvent, journalText } from '../report/journal-text.ts';
import { scene } from './scene.ts';

const JOURNAL = 'var/riposte/events.jsonl';
const ATTACKER = '203.0.113.7';

const rows = (out: string) => out.trimEnd().split('\n').slice(1);
const events = (out: string): JournalEvent[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const history = suite('riposte history');

history('prints an event as a row with its local time, the newest last', async () => {
  const { run, write } = scene();
  write(
    JOURNAL,
    journalText(
      { note: 'by hand' },
      { time: '2026-11-20T10:00:00.000Z', event: 'unblocked', rule: undefined },
    ),
  );
  const zone = process.env.TZ;
  process.env.TZ = 'Asia/Tokyo';
  const { exitCode, out } = await run('history');
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
  assert.is(exitCode, 0);
  assert.equal(out.split('\n'), [
    'TIME (Asia/Tokyo)    EVENT      RESPONSE       ADDRESS          RULE    OFFENCE  UNTIL                REASON',
    '2026-11-20 18:00:00  blocked    firewall-drop  203.0.113.7      31151   1        -                    by hand; until deleted, offence 1, by nftables',
    '2026-11-20 19:00:00  unblocked  firewall-drop  203.0.113.7      -       1        -                    until deleted, offence 1, by nftables',
    '',
  ]);
});

history('reads rotated journals in order, compressed or not', async () => {
  const { run, write } = scene();
  const at = (reason: string) => journalText({ reason });
  write(`${JOURNAL}-20261101`, at('a'));
  write(`${JOURNAL}-20261108.gz`, gzipSync(at('b')));
  write(`${JOURNAL}.10.gz`, gzipSync(at('c')));
  write(`${JOURNAL}.2.gz`, gzipSync(at('d')));
  write(`${JOURNAL}.1`, at('e'));
  write(JOURNAL, at('f'));
  write(`${JOURNAL}.bak`, at('not a rotated form'));
  const { out } = await run('history', '--json');
  assert.equal(
    events(out).map(({ reason }) => reason),
    ['a', 'b', 'c', 'd', 'e', 'f'],
  );
});

history('finds events of prefixes around an address, and events of addresses in a prefix', async () => {
  const { run, write } = scene();
  const addresses = [ATTACKER, '203.0.113.70', '203.0.113.0/24', '2001:db8::7', undefined];
  write(JOURNAL, journalText(...addresses.map((address) => ({ address }))));
  const found = async (query: string) =>
    events((await run('history', query, '--json')).out).map(({ address }) => address);
  assert.equal(await found(ATTACKER), [ATTACKER, '203.0.113.0/24']);
  assert.equal(await found('203.0.113.0/28'), [ATTACKER, '203.0.113.0/24']);
  assert.equal(await found('203.0.113.0/24'), [ATTACKER, '203.0.113.70', '203.0.113.0/24']);
  assert.equal(await found('2001:DB8:0::7'), ['2001:db8::7']);
  assert.equal(await found('198.51.100.1'), []);
});

history('selects by --since, --response and --event, alone and together', async () => {
  const { run, write } = scene();
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  write(
    JOURNAL,
    journalText(
      { time: ago(200), reason: 'old' },
      { time: ago(20), reason: 'route', response: 'route-null' },
      { time: ago(10), reason: 'failure', event: 'failed' },
      { time: ago(1), reason: 'new' },
    ),
  );
  const found = async (...words: string[]) =>
    events((await run('history', '--json', ...words)).out).map(({ reason }) => reason);
  assert.equal(await found('--since', '7d'), ['route', 'failure', 'new']);
  assert.equal(await found('--since', ago(15)), ['failure', 'new']);
  assert.equal(await found('--since', '2001-01-01', '--response', 'route-null'), ['route']);
  assert.equal(await found('--event', 'failed,unblocked'), ['failure']);
  assert.equal(await found('--event', 'blocked', '--since', '15h', '--response', 'firewall-drop'), ['new']);
});

history('does not read text of an attacker as another field', async () => {
  const { run, write } = scene();
  const location = '","address":"198.51.100.1","event":"failed","x":"';
  write(JOURNAL, journalText({ location, user: '"address":"198.51.100.1"' }));
  assert.is((await run('history', '198.51.100.1', '--json')).out, '');
  assert.is((await run('history', '--event', 'failed', '--json')).out, '');
  assert.is(events((await run('history', ATTACKER, '--json')).out).length, 1);
});

history('prints hostile texts in printable form, in the table and as JSON', async () => {
  const { run, write } = scene();
  const evil = '\u001b[2J\u0007\r\n\u202e\u009b1m';
  write(JOURNAL, journalText({ reason: evil, address: evil, rule: evil, user: evil, response: evil }));
  for (const words of [[], ['--json']]) {
    const { out } = await run('history', ...words);
    for (const line of out.trimEnd().split('\n')) assert.ok(isPrintable(line), JSON.stringify(line));
    assert.is(out.trimEnd().split('\n').length, words.length === 0 ? 2 : 1);
  }
  assert.is(events((await run('history', '--json')).out)[0]?.reason, evil);
});

history('counts and reports damaged lines, and shows all other events', async () => {
  const { run, write } = scene();
  const whole = journalText({});
  const damaged = [
    whole.slice(0, 50),
    '{"time":"2026-11-20T09:00:00.000Z"}',
    '{"time":"yesterday","event":"blocked","response":"x"}',
    '{nonsense}',
    '[1]',
    '\0\0\0\0',
    `{"${'x'.repeat(100_000)}":1}`,
  ];
  write(JOURNAL, `${whole}${damaged.join('\n')}\n\n${whole}`);
  const { exitCode, out, err } = await run('history');
  assert.is(exitCode, 0);
  assert.is(rows(out).length, 2);
  assert.match(err, /^riposte: skipped 7 damaged lines of .*events\.jsonl\n$/);
  assert.match((await run('history', ATTACKER)).err, / damaged lines /);
});

history('shows fields of wrong types as they are', async () => {
  const { run, write } = scene();
  const odd = { ...blockedEvent(), address: { a: 1 }, until: 7, offence: 'many', reason: ['x'], rule: true };
  write(JOURNAL, `${JSON.stringify(odd)}\n`);
  const { exitCode, out } = await run('history');
  assert.is(exitCode, 0);
  assert.match(out, /\{"a":1\} .*true +many +- +\["x"\]/);
});

history('shows the last of 100,000 events, and the number of events left out', async () => {
  const { run, write } = scene();
  const count = 100_000;
  const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const all = Array.from({ length: count }, (_, i) =>
    JSON.stringify(blockedEvent({ address: address(i), offence: i })),
  );
  write(`${JOURNAL}.1.gz`, gzipSync(all.slice(0, count / 2).join('\n')));
  write(JOURNAL, `${all.slice(count / 2).join('\n')}\n`);
  const last = await run('history');
  assert.is(rows(last.out).length, 50);
  assert.match(rows(last.out).at(-1) ?? '', address(count - 1));
  assert.is(last.err, `riposte: ${count - 50} older events are left out; --limit 0 shows all\n`);
  const few = await run('history', '--limit', '3', '--json');
  assert.equal(
    events(few.out).map(({ offence }) => offence),
    [count - 3, count - 2, count - 1],
  );
  assert.equal(
    events((await run('history', address(4711), '--json')).out).map(({ offence }) => offence),
    [4711],
  );
  assert.is(rows((await run('history', '--limit', '0')).out).length, count);
});

history('prints no events without a journal', async () => {
  const { run } = scene();
  const { exitCode, out, err } = await run('history');
  assert.equal([exitCode, rows(out), err], [0, [], '']);
});

history('reads a rotated journal that is plain text although its name ends with .gz', async () => {
  const { run, write } = scene();
  write(`${JOURNAL}.1.gz`, journalText({ address: '198.51.100.9' }));
  write(JOURNAL, journalText({}));
  const { exitCode, out, err } = await run('history', '--json');
  assert.equal([exitCode, err], [0, '']);
  assert.equal(
    events(out).map(({ address }) => address),
    ['198.51.100.9', ATTACKER],
  );
});

history('fails and names a rotated journal that is a broken gzip', async () => {
  const { run, write } = scene();
  write(
    `${JOURNAL}.1.gz`,
    Buffer.concat([Buffer.from('1f8b0800000000000003', 'hex'), Buffer.from('garbage')]),
  );
  const { exitCode, err } = await run('history');
  assert.is(exitCode, 74);
  assert.match(err, /events\.jsonl\.1\.gz: /);
});

history('names only the files that have damaged lines', async () => {
  const { run, write } = scene();
  write(`${JOURNAL}.2`, journalText({}));
  write(`${JOURNAL}.1.gz`, 'no gzip');
  write(JOURNAL, journalText({}));
  const { exitCode, err } = await run('history');
  assert.is(exitCode, 0);
  assert.match(err, /^riposte: skipped 1 damaged line of \S+\/events\.jsonl\.1\.gz\n$/);
});

history('names a journal that is a directory', async () => {
  const { run, home } = scene();
  mkdirSync(home.journal, { recursive: true });
  const { exitCode, err } = await run('history');
  assert.is(exitCode, 74);
  assert.match(err, /events\.jsonl/);
});

history('finds the events of email-alert', async () => {
  const { run, write } = scene();
  write(JOURNAL, journalText({}, { response: 'email-alert', event: 'spooled', reason: 'mail' }));
  const { exitCode, out } = await run('history', '--json', '--response', 'email-alert');
  assert.is(exitCode, 0);
  assert.equal(
    events(out).map(({ response }) => response),
    ['email-alert'],
  );
});

history('names wrong arguments', async () => {
  const { run } = scene();
  for (const [code, word, ...words] of [
    [64, 'soon', '--since', 'soon'],
    [64, 'eaten', '--event', 'blocked,eaten'],
    [64, '-1', '--limit=-1'],
    [64, 'few', '--limit', 'few'],
    [64, 'route-zero', '--response', 'route-zero'],
    [65, 'nobody', 'nobody'],
    [64, '2', ATTACKER, ATTACKER],
  ] as [number, string, ...string[]][]) {
    const { exitCode, err } = await run('history', ...words);
    assert.is(exitCode, code, words.join(' '));
    assert.match(err, word);
  }
});

history.run();
