import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PageData } from '../../report/page.ts';
import { isPrintable } from '../active-response/support.ts';
import { writeEntry } from '../cli/ledger-files.ts';
import { scene } from '../cli/scene.ts';
import { inventedJournal } from '../lab/invented-journal.ts';
import { blockedEvent, journalText, TEXT_FIELDS } from './journal-text.ts';

const JOURNAL = 'var/riposte/events.jsonl';
const ATTACKER = '203.0.113.7';

const report = suite('riposte report');

const log = (request: string, agent: string) => `203.0.113.7 - - [x] "${request}" 404 1 "-" "${agent}"`;

/** Runs riposte report in a scene. @returns the data in the page */
async function dataOf({ run, home }: ReturnType<typeof scene>, ...words: string[]): Promise<PageData> {
  const file = join(home.root, 'report.html');
  const { exitCode, err } = await run('report', '--html', file, ...words);
  assert.equal([exitCode, err], [0, '']);
  const [, json = ''] =
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(file, 'utf8')) ?? [];
  return JSON.parse(json);
}

report(
  'counts alerts and their outcomes by address, network, rule, request, user agent and log',
  async () => {
    const it = scene();
    it.write(
      JOURNAL,
      journalText(
        { level: 10, description: 'Scan.', log: log('GET /a?x=1 HTTP/1.1', 'ZmEu'), location: '/var/log/a' },
        { event: 'already', time: '2026-11-20T09:00:05.000Z', log: log('GET /a HTTP/1.1', 'ZmEu') },
        { event: 'unblocked', command: 'delete', time: '2026-11-20T10:00:00.000Z' },
        { event: 'already', command: 'delete', time: '2026-11-20T10:00:01.000Z' },
        { event: 'restored', time: '2026-11-20T10:30:00.000Z' },
        { event: 'kept', command: 'delete' },
        {
          time: '2026-11-20T11:00:00.000Z',
          offence: 2,
          rule: '117040',
          level: 12,
          log: log('POST /b HTTP/1.1', '-'),
        },
        { address: '203.0.113.8', rule: undefined, offence: undefined, event: 'held' },
        { address: '2001:db8:7::9', event: 'failed' },
        { address: undefined, event: 'failed', command: undefined },
      ),
    );
    const data = await dataOf(it);
    assert.equal([data.events, data.alerts, data.unblocked, data.restored], [10, 5, 1, 1]);
    assert.equal(data.fates, { blocked: 2, already: 1, held: 1, failed: 1, rehearsed: 0 });
    const names = (rows: readonly { name: string; alerts: number; blocks: number }[]) =>
      rows.map(({ name, alerts, blocks }) => [name, alerts, blocks]);
    assert.equal(names(data.addresses.rows), [
      [ATTACKER, 3, 2],
      ['203.0.113.8', 1, 0],
      ['2001:db8:7::9', 1, 0],
    ]);
    assert.equal(names(data.networks.rows), [
      ['203.0.113.0/24', 4, 2],
      ['2001:db8:7::/48', 1, 0],
    ]);
    assert.equal(
      data.networks.rows.map(({ addresses }) => addresses),
      [2, 1],
    );
    assert.equal(
      data.rules.rows.map(({ name, alerts, level, description }) => [name, alerts, level, description]),
      [
        ['31151', 3, 10, 'Scan.'],
        ['117040', 1, 12, 'Attack tool: a scanner by its user agent.'],
      ],
    );
    assert.equal(
      data.requests.rows.map(({ name, alerts, example }) => [name, alerts, example]),
      [
        ['GET /a', 2, 'GET /a?x=1'],
        ['POST /b', 1, ''],
      ],
    );
    assert.equal(names(data.agents.rows), [['ZmEu', 2, 1]]);
    assert.equal(names(data.sources.rows), [['/var/log/a', 1, 1]]);
    assert.equal(data.offenders, [
      {
        name: ATTACKER,
        alerts: 3,
        blocks: 2,
        first: Date.parse('2026-11-20T09:00:00Z'),
        last: Date.parse('2026-11-20T11:00:00Z'),
        offence: 2,
        rule: '117040',
        network: '203.0.113.0/24',
      },
    ]);
    assert.equal(
      data.bars.reduce((sums, { counts }) => sums.map((sum, i) => sum + (counts[i] ?? 0)), [0, 0, 0, 0, 0]),
      [2, 1, 1, 1, 0],
    );
  },
);

report('lists the current blocks with their end, and the newest block first', async () => {
  const it = scene();
  writeEntry(it.home.root, 'apache-deny', ATTACKER, { since: '2026-11-20T09:00:00.000Z', rule: '31151' });
  writeEntry(it.home.root, 'apache-deny', '198.51.100.0/24', {
    since: '2026-11-21T09:00:00.000Z',
    until: '2046-11-20T12:00:00.000Z',
  });
  const { now } = await dataOf(it);
  assert.is(now.total, 2);
  assert.equal(
    now.blocks.map(({ address, until }) => [address, until]),
    [
      ['198.51.100.0/24', '2046-11-20T12:00:00.000Z'],
      [ATTACKER, null],
    ],
  );
  const { out } = await it.run('report');
  assert.match(out, /^No alerts\.$/m);
  assert.match(out, /^Blocked now$/m);
  assert.match(out, /^203\.0\.113\.7 +apache-deny +an operator unblocks +31151 +-$/m);
  assert.match(out, /^198\.51\.100\.0\/24 +apache-deny +2046-11-20 /m);
});

report('counts the events of rotated journals, and only events after --since if it is set', async () => {
  const it = scene();
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  it.write(`${JOURNAL}.1`, journalText({ time: ago(20), address: '198.51.100.1' }, { time: ago(5) }));
  it.write(JOURNAL, journalText({ time: ago(1) }));
  assert.is((await dataOf(it)).alerts, 3);
  const week = await dataOf(it, '--since', '7d');
  assert.equal([week.alerts, week.addresses.rows.length], [2, 1]);
  assert.ok(Math.abs(week.to - week.from - 7 * 86_400_000) < 60_000);
  assert.ok((week.bars[0]?.start ?? 0) <= week.from);
});

report('prints sums, a chart over time and bars that fit a terminal', async () => {
  const it = scene();
  const from = Date.parse('2026-11-13T00:00:00Z');
  const invented = { events: 2000, sources: 120, from, to: from + 7 * 86_400_000 };
  it.write(JOURNAL, [...inventedJournal(invented)].join('\n'));
  const { exitCode, out } = await it.run('report');
  assert.is(exitCode, 0);
  assert.match(
    out,
    /^2,000 alerts about 120 addresses in \d+ networks: \d+ blocked, [\d,]+ about addresses that were already blocked/m,
  );
  assert.match(out, /^Over time, a column for 3 hours$/m);
  assert.match(out, /^blocked {2}[ ▁▂▃▄▅▆▇█]{50,62} {2}at most \d+$/m);
  assert.match(out, /^By which rules, 5 of \d+$/m);
  assert.match(out, /^203\.0\.113\.0\/24 +\d+ {2}█{20}$/m);
  assert.match(out, /^GET \/phpmyadmin\/scripts\/setup\.php +\d+ {2}█+/m);
  assert.match(out, /^Repeat offenders, 5 of \d+$/m);
  assert.match(out, /^Nobody is blocked now\.$/m);
  for (const line of out.split('\n').slice(2)) assert.ok(line.length <= 100, line);
});

report('says that there is nothing to report when the journal has no alert', async () => {
  const it = scene();
  const { exitCode, out } = await it.run('report');
  assert.is(exitCode, 0);
  assert.match(out, /No alerts\.\n\nNobody is blocked now\.\n$/);
  const data = await dataOf(it, '--since', '7d');
  assert.equal([data.alerts, data.addresses.rows, data.now.total], [0, [], 0]);
});

const EVIL = '</script><img src=x onerror=blockedEvent(1)>"\'&<!--\u202e\u001b[31m\u2028';

report(
  'shows hostile fields without markup in the page and without control characters in the terminal',
  async () => {
    const it = scene();
    const evil = Object.fromEntries(TEXT_FIELDS.map((field) => [field, `${EVIL}${field}`]));
    it.write(
      JOURNAL,
      journalText(
        { ...evil, log: log(`GET /${EVIL} HTTP/1.1`, EVIL.replaceAll('"', '')), offence: 3 },
        { log: EVIL },
      ),
    );
    writeEntry(it.home.root, 'apache-deny', ATTACKER, { rule: EVIL, note: EVIL, location: EVIL });
    const file = join(it.home.root, 'report.html');
    assert.is((await it.run('report', '--html', file)).exitCode, 0);
    const page = readFileSync(file, 'utf8');
    assert.not.match(page, '<img');
    assert.not.match(page, '</script><');
    assert.not.match(page, '<!--');
    assert.is(page.match(/<\/script>/g)?.length, 2);
    const data = await dataOf(it);
    for (const { name } of [
      ...data.addresses.rows,
      ...data.rules.rows,
      ...data.agents.rows,
      ...data.requests.rows,
    ])
      assert.ok(isPrintable(name), JSON.stringify(name));
    assert.match(data.addresses.rows.map(({ name }) => name).join(), '<img src=x onerror=blockedEvent(1)>');
    const { out } = await it.run('report');
    for (const line of out.trimEnd().split('\n')) assert.ok(isPrintable(line), JSON.stringify(line));
  },
);

report('leaves out fields of wrong types, and reports damaged lines', async () => {
  const it = scene();
  const odd = {
    rule: 7,
    level: 'high',
    location: ['x'],
    description: {},
    log: 5,
    offence: 'many',
    address: { a: 1 },
  };
  it.write(JOURNAL, `${JSON.stringify({ ...blockedEvent(), ...odd })}\n{nonsense}\n[1]\n`);
  const data = await dataOf(it);
  assert.equal([data.alerts, data.damaged], [1, 2]);
  assert.equal(
    data.rules.rows.map(({ name }) => name),
    ['7'],
  );
  assert.equal([data.addresses.rows, data.sources.rows, data.requests.rows], [[], [], []]);
  assert.match((await it.run('report')).out, /^2 damaged lines of the journal were left out\.$/m);
});

report('makes the same report when only JSON can parse the journal', async () => {
  const from = Date.parse('2026-11-13T00:00:00Z');
  const lines = [...inventedJournal({ events: 3000, sources: 200, from, to: from + 86_400_000 })];
  const damaged = [
    lines[1],
    lines[1]?.slice(0, 300),
    `${lines[1]?.slice(0, 100)}${lines[2]}`,
    '{"a":"}',
    '\u0000',
  ];
  const odd = [
    { log: log('GET /caf\u00e9?a=\\"\\\\ HTTP/1.1', 'a \\"b\\" \u{1f600}'), location: '/var/log/\u00fc' },
    { address: '2001:db8::1', description: 'a "quoted" one\n', rule: '9'.repeat(12), level: 1e21 },
    { log: '[client 203.0.113.7] [uri "/cgi-bin/x"] "GET /no HTTP/1.1"', note: '\u0001' },
    { log: 'x'.repeat(5000) + log('GET /far HTTP/1.1', 'far'), reason: '\ud800' },
    { time: '2026-02-31T23:59:59.999Z', address: '203.0.113.0/24' },
  ];
  const all = [...lines.slice(0, 1500), ...damaged, journalText(...odd).trimEnd(), ...lines.slice(1500)].join(
    '\n',
  );
  // A space after the colon, which record() never writes, forces the slow parser.
  const spaced = all.replaceAll('"time":"', '"time": "');
  const cut = `\n${lines[7]?.slice(0, 200)}`;
  const [usual, other] = [scene(), scene()];
  usual.write(JOURNAL, all + cut);
  other.write(JOURNAL, spaced + cut);
  for (const [alerts, damagedLines, ...words] of [
    [3006, 5],
    [818, 3, '--since', '2026-11-13T12:00Z'],
  ] as [number, number, ...string[]][]) {
    // Both reports end at the current time, so their ends and bars differ.
    const { made, to, bars, home, ...data } = await dataOf(usual, ...words);
    const { made: _, to: end, bars: others, home: __, ...same } = await dataOf(other, ...words);
    assert.equal(data, same);
    if (words.length === 0) assert.equal([to, bars], [end, others]);
    assert.equal([data.alerts, data.damaged], [alerts, damagedLines]);
  }
});

report('keeps the most frequent of many addresses, and says that others were dropped', async () => {
  const it = scene();
  const from = Date.parse('2026-11-13T00:00:00Z');
  const addressOf = (source: number) => `10.${source >> 16}.${(source >> 8) & 255}.${source & 255}`;
  let line = '';
  const lines: string[] = [];
  for (let i = 0; i < 150_000; i++) lines.push(JSON.stringify(blockedEvent({ address: addressOf(i) })));
  for (let i = 0; i < 50; i++)
    lines.push(JSON.stringify(blockedEvent({ time: new Date(from + i * 1000).toISOString() })));
  for (const each of lines) line += `${each}\n`;
  it.write(JOURNAL, line);
  const data = await dataOf(it);
  const { different, isExact, short, rows } = data.addresses;
  assert.equal([isExact, rows.length, rows[0]?.name], [false, 1000, ATTACKER]);
  assert.ok(Math.abs(different - 150_001) < 1500, `${different}`);
  assert.ok(short >= 1);
  assert.match(data.remarks.join('\n'), /too many addresses to count each.*up to \d+ too small/);
  assert.match((await it.run('report')).out, /about 1[45]\d,\d{3} addresses/);
});

report('writes the page atomically, and lets only its owner and group read it', async () => {
  const it = scene();
  const file = join(it.home.root, 'report.html');
  const { out } = await it.run('report', '--html', file);
  assert.match(out, /report\.html: \d+ KB, 0 alerts$/m);
  assert.is(statSync(file).mode & 0o777, 0o640);
  assert.equal(
    readdirSync(it.home.root).filter((name) => name.includes('report')),
    ['report.html'],
  );
});

report('refuses an unsuitable path of the page before it reads the journal', async () => {
  const it = scene();
  mkdirSync(join(it.home.root, 'directory'));
  // If root were allowed to write to a link, the new file would replace the link. /dev/stdout is a link, too.
  it.write('target', 'kept');
  symlinkSync(join(it.home.root, 'target'), join(it.home.root, 'link'));
  symlinkSync('/dev/null', join(it.home.root, 'device'));
  for (const name of ['directory', 'missing/report.html', 'link', 'device', 'target/report.html']) {
    const { exitCode, err } = await it.run('report', '--html', join(it.home.root, name));
    assert.is(exitCode, 64, name);
    assert.match(err, /^riposte: --html.*\n$/);
    assert.match(err, name.split('/')[0] ?? '');
  }
  assert.ok(lstatSync(join(it.home.root, 'link')).isSymbolicLink());
  assert.is(it.read('target'), 'kept');
  assert.ok(statSync('/dev/null').isCharacterDevice());
});

report('names wrong arguments', async () => {
  const { run } = scene();
  for (const [word, ...words] of [
    ['soon', '--since', 'soon'],
    ['page.html', 'page.html'],
    ['--html', '--html='],
  ] as [string, ...string[]][]) {
    const { exitCode, err } = await run('report', ...words);
    assert.is(exitCode, 64, words.join(' '));
    assert.match(err, word);
  }
});

report('names the journal and writes nothing when it cannot be read', async () => {
  const it = scene();
  mkdirSync(it.home.journal, { recursive: true });
  const file = join(it.home.root, 'report.html');
  const { exitCode, err } = await it.run('report', '--html', file);
  assert.is(exitCode, 74);
  assert.match(err, 'events.jsonl');
  assert.is(statSync(file, { throwIfNoEntry: false }), undefined);
});

report.run();
