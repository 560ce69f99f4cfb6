import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { someOf } from '../runner/share.ts';
import { riposte } from './io.ts';

const replay = suite<{ dir: string }>('replay', { dir: '' });
replay.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'riposte-replay-'));
});
replay.after.each(({ dir }) => rmSync(dir, { recursive: true }));

const request = (source: string, second: number, page: string, code = 404) =>
  `${source} - - [20/Nov/2026:09:00:${String(second).padStart(2, '0')} +0000] "GET ${page} HTTP/1.1" ${code} 10 "-" "Mozilla/5.0"`;

/** Sixteen different missing pages: a burst. */
const scan = (source: string) => Array.from({ length: 16 }, (_, i) => request(source, i, `/page${i}`));

interface Report {
  address?: string;
  time?: string;
  rule?: number;
  line?: string;
  refused?: string;
  held?: string;
  summary?: Record<string, unknown>;
}

const reports = (out: string): Report[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

replay('shows each source that would have been blocked, with time, rule and line', async ({ dir }) => {
  const file = join(dir, 'access.log');
  writeFileSync(file, [...scan('203.0.113.9'), request('198.51.100.1', 20, '/a', 200), ''].join('\n'));
  const { out, exitCode } = await riposte(['replay', file]);
  assert.is(exitCode, 0);
  assert.match(
    out,
    /^2026-11-20T09:00:15Z {2}203\.0\.113\.9 {2}rule \d+ \(level 10\) .*\n {4}203\.0\.113\.9 - - .*\/page15 /,
  );
  assert.match(out, /\n17 lines by the log's own time, 2026-11-20T09:00:00Z to 2026-11-20T09:00:20Z/);
  assert.match(out, /\n1 address would have been blocked\n$/);
});

replay('finds the same sources in a compressed log, a pipe and several logs', async ({ dir }) => {
  const [plain, zipped] = [join(dir, 'a.log'), join(dir, 'b.log.gz')];
  const text = `${scan('203.0.113.9').join('\n')}\n`;
  writeFileSync(plain, text);
  writeFileSync(zipped, gzipSync(text.replaceAll('203.0.113.9', '203.0.113.10')));
  const { out } = await riposte(
    ['replay', '--json', plain, zipped, '-'],
    text.replaceAll('203.0.113.9', '203.0.113.11'),
    7,
  );
  const [a, b, c, { summary } = {}] = reports(out);
  assert.equal([a?.address, b?.address, c?.address], ['203.0.113.9', '203.0.113.10', '203.0.113.11']);
  assert.equal([summary?.lines, summary?.blocked], [48, 3]);
});

replay('finds a thousand sources that scan in turn', async () => {
  const sources = Array.from({ length: 1000 }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
  const lines = Array.from({ length: 16 }, (_, turn) =>
    sources.map((source) => request(source, turn, `/p${turn}`)),
  ).flat();
  const { out } = await riposte(['replay', '--json', '-'], lines.join('\n'));
  assert.is(reports(out).at(-1)?.summary?.blocked, 1000);
});

replay('counts malformed lines, NUL bytes, long lines, mixed formats and times out of order', async () => {
  const lines = [
    request('203.0.113.9', 30, '/a', 200),
    request('203.0.113.9', 10, '/b', 200),
    'utter nonsense',
    '',
    request('203.0.113.9', 31, '/nul\0byte', 200),
    `203.0.113.9 - - [20/Nov/2026:09:00:32 +0000] "GET /${'a'.repeat(2_000_000)} HTTP/1.1" 404 1 "-" "x"`,
    'Nov 20 09:00:40 web sshd[1]: x',
    '[Fri Nov 20 09:00:00.123456 2026] [:error] [pid 1] [client 203.0.113.9:1] x',
    '\xff\xfe\x80',
    request('203.0.113.9', 33, '/end', 200),
  ];
  const { out, exitCode } = await riposte(
    ['replay', '--json', '-'],
    Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'),
  );
  const summary = reports(out).at(-1)?.summary ?? {};
  assert.is(exitCode, 0);
  const { lines: all, empty, cut, unreadable } = summary;
  assert.equal({ all, empty, cut, unreadable }, { all: 10, empty: 1, cut: 1, unreadable: 5 });
  assert.ok(Number(summary.outOfOrder) >= 1);
  const raw = await riposte(
    ['replay', '--json', '--format', 'raw', '-'],
    Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'),
  );
  const { control, withoutTime, undecoded } = reports(raw.out).at(-1)?.summary ?? {};
  assert.equal(
    { control, withoutTime, undecoded: Number(undecoded) >= 2 },
    { control: 1, withoutTime: 2, undecoded: true },
  );
});

replay('finds more sources at a lower --level', async () => {
  const line = request('203.0.113.9', 0, '/a');
  const [at10] = reports((await riposte(['replay', '--json', '-'], line)).out);
  const [at5] = reports((await riposte(['replay', '--json', '--level', '5', '-'], line)).out);
  assert.equal([at10?.address, at5?.address, at5?.rule], [undefined, '203.0.113.9', 31101]);
});

replay('reports that it would not block a prefix or a host name', async () => {
  const sources = ['203.0.113.0/24', 'host.example', '203.0.113.9'];
  const input = sources.map((source) => request(source, 0, '/user/soapCaller.bs')).join('\n');
  const { out } = await riposte(['replay', '--format', 'raw', '-'], input);
  assert.match(out, /203\.0\.113\.0\/24 {2}rule .*\n.*\n {4}refused: '203\.0\.113\.0\/24' is a prefix, but/);
  assert.match(out, /host\.example {2}rule .*\n.*\n {4}refused: 'host\.example' is not an IP address\n/);
  assert.match(out, /\n1 address would have been blocked\n$/);
  const all = reports((await riposte(['replay', '--json', '--format', 'raw', '-'], input)).out);
  assert.equal(
    all.slice(0, 3).map(({ address, refused }) => [address, refused !== undefined]),
    [
      ['203.0.113.0/24', true],
      ['host.example', true],
      ['203.0.113.9', false],
    ],
  );
  assert.is(all.at(-1)?.summary?.blocked, 1);
});

replay('asks the guard, and says why a source would not be blocked', async ({ dir }) => {
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/riposte.conf'), '');
  writeFileSync(join(dir, 'etc/riposte.allow'), '198.51.100.0/24\n');
  const [own = ''] = Object.values(networkInterfaces()).flatMap((each = []) =>
    each.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );
  const sources = ['198.51.100.7', '127.0.0.1', '224.0.0.1', '255.255.255.255', '0.0.0.0', own].filter(
    Boolean,
  );
  const input = [...sources, '203.0.113.9'].flatMap(scan).join('\n');
  const { out } = await riposte(['replay', '--json', '--home', dir, '-'], input);
  const all = reports(out);
  const told = new Map(all.map(({ address, held, refused }) => [address, held ?? refused]));
  assert.is(told.get('198.51.100.7'), 'in the allow list 198.51.100.0/24');
  assert.is(told.get('127.0.0.1'), 'loopback 127.0.0.0/8');
  assert.is(told.get('224.0.0.1'), 'multicast or broadcast 224.0.0.0/4');
  assert.is(told.get('255.255.255.255'), 'multicast or broadcast');
  assert.is(told.get('0.0.0.0'), "'0.0.0.0' is not a host");
  if (own) assert.type(told.get(own), 'string', own);
  assert.is(told.get('203.0.113.9'), undefined);
  assert.is(all.at(-1)?.summary?.blocked, 1);
  const text = await riposte(['replay', '--home', dir, '-'], input);
  assert.match(text.out, / {2}198\.51\.100\.7 {2}rule .*\n.*\n {4}held: in the allow list/);
});

replay('ends with status 78 when the allow list of --home has an invalid line', async ({ dir }) => {
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/riposte.conf'), '');
  writeFileSync(join(dir, 'etc/riposte.allow'), 'the office\n');
  const { exitCode, err, out } = await riposte(['replay', '--home', dir, '-'], '');
  assert.equal([exitCode, out], [78, '']);
  assert.match(err, "riposte.allow:1: 'the office' is not an address, a prefix or a host name");
});

replay(
  'continues without the allow list when it cannot be read and --home names no installation',
  async ({ dir }) => {
    mkdirSync(join(dir, 'etc'));
    writeFileSync(join(dir, 'etc/riposte.allow'), 'the office\n');
    const env = { PATH: process.env.PATH, RIPOSTE_HOME: dir };
    const input = [...scan('127.0.0.1'), ...scan('203.0.113.9')].join('\n');
    const { exitCode, err, out } = await riposte(['replay', '-'], input, 65_536, env);
    assert.is(exitCode, 0);
    assert.match(
      err,
      "riposte.allow:1: 'the office' is not an address, a prefix or a host name; replay continues without the allow list",
    );
    assert.match(out, 'held: loopback 127.0.0.0/8');
    assert.match(out, /\n1 address would have been blocked\n$/);
  },
);

replay('uses the header’s last address that is not a trusted proxy as the client’s address', async () => {
  const format = 'apache:%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i"';
  const lines = [
    ['173.245.48.1', '198.51.100.99, 203.0.113.7, 10.0.0.1'],
    ['203.0.113.8', '198.51.100.99'],
    ['173.245.48.2', '198.51.100.99, unknown'],
    ['173.245.48.3', '-'],
  ].map(([peer = '', header]) => `${request(peer, 0, '/user/soapCaller.bs')} "${header}"`);
  const { out } = await riposte(
    ['replay', '--json', '--trusted-proxies', 'cloudflare', '--format', format, '-'],
    `${lines.join('\n')}\n`,
  );
  const addresses = reports(out).flatMap(({ address }) => address ?? []);
  assert.equal(addresses, ['203.0.113.7', '203.0.113.8']);
  const wrong = await riposte(['replay', '--trusted-proxies', 'cloudflair', '-'], '');
  assert.is(wrong.exitCode, 64);
  assert.match(wrong.err, "--trusted-proxies is 'cloudflair', but must be addresses, prefixes (");
});

replay('reads logs as serve does when --home names a home without a manager', async ({ dir }) => {
  const log = join(dir, 'shop.log');
  const lines = [
    ['173.245.48.1', '198.51.100.99, 203.0.113.7'],
    ['203.0.113.8', '198.51.100.99'],
  ].map(
    ([peer, header]) =>
      `${peer} "GET /user/soapCaller.bs HTTP/1.1" 404 [20/Nov/2026:09:00:00 +0000] "${header}"`,
  );
  writeFileSync(log, `${lines.join('\n')}\n`);
  const home = join(dir, 'home');
  mkdirSync(join(home, 'etc'), { recursive: true });
  const wrong = await riposte(['replay', '--home', home, log]);
  assert.is(wrong.exitCode, 64);
  assert.match(wrong.err, `${home} has neither etc/ossec.conf nor etc/riposte.conf`);
  writeFileSync(
    join(home, 'etc/riposte.conf'),
    'LOG_FORMAT_shop=apache:%h "%r" %>s %t "%{X-Forwarded-For}i"\nTRUSTED_PROXIES=cloudflare\n',
  );
  const { out } = await riposte(['replay', '--json', '--home', home, `${log}=shop`]);
  const addresses = reports(out).flatMap(({ address }) => address ?? []);
  assert.equal(addresses, ['203.0.113.7', '203.0.113.8']);
});

replay('does not block the proxies of a CDN, and warns of them', async ({ dir }) => {
  const log = join(dir, 'access.log');
  writeFileSync(log, `${request('173.245.48.1', 0, '/user/soapCaller.bs')}\n`);
  const { out } = await riposte(['replay', log]);
  assert.match(out, /held: it is a proxy of cloudflare/);
  assert.match(out, /1 of these addresses is a proxy of cloudflare; .*; set TRUSTED_PROXIES=cloudflare\n$/);
});

replay('names the pattern to use instead of a directory', async ({ dir }) => {
  const { exitCode, err } = await riposte(['replay', dir]);
  assert.is(exitCode, 74);
  assert.match(err, `${dir}: it is a directory; name the logs in it (${dir}/*.log)`);
});

replay('names a missing log and a damaged compressed log', async ({ dir }) => {
  const missing = await riposte(['replay', join(dir, 'none.log')]);
  assert.is(missing.exitCode, 74);
  assert.match(missing.err, /none\.log: there is no such file/);
  writeFileSync(join(dir, 'x.log'), gzipSync(scan('203.0.113.9').join('\n')).subarray(0, 100));
  const broken = await riposte(['replay', join(dir, 'x.log')]);
  assert.is(broken.exitCode, 74);
  assert.match(broken.err, /x\.log: unexpected end of file/);
});

for (const [program, ending] of someOf([
  ['gzip', 'gz'],
  ['xz', 'xz'],
  ['bzip2', 'bz2'],
  ['zstd', 'zst'],
] as const)) {
  replay(
    `reads a log compressed by ${program}, with any name, from a file and from a pipe`,
    async ({ dir }) => {
      const { stdout } = await execa(program, ['-c'], {
        input: scan('203.0.113.9').join('\n'),
        encoding: 'buffer',
      });
      const file = join(dir, 'plain.log');
      writeFileSync(file, stdout);
      for (const { out } of [
        await riposte(['replay', '--json', file]),
        await riposte(['replay', '--json', '-'], Buffer.from(stdout), 3),
      ])
        assert.equal(
          reports(out).map(({ address, summary }) => address ?? summary?.lines),
          ['203.0.113.9', 16],
        );
    },
  );

  replay(`names a log compressed by ${program} that ends early`, async ({ dir }) => {
    const input = Array.from({ length: 2000 }, (_, i) => scan(`203.0.113.${i % 256}`).join('\n')).join('\n');
    const { stdout } = await execa(program, ['-c'], { input, encoding: 'buffer' });
    const file = join(dir, `x.log.${ending}`);
    writeFileSync(file, stdout.subarray(0, stdout.length - 20));
    const { exitCode, err } = await riposte(['replay', file]);
    assert.is(exitCode, 74);
    assert.match(err, new RegExp(`x\\.log\\.${ending}: .*(end|premature|trunc)`, 'i'));
  });
}

replay('reads a log as plain text when only its name is that of a compressed log', async ({ dir }) => {
  writeFileSync(join(dir, 'x.log.gz'), `${scan('203.0.113.9').join('\n')}\n`);
  const { out } = await riposte(['replay', '--json', join(dir, 'x.log.gz')]);
  assert.is(reports(out)[0]?.address, '203.0.113.9');
});

replay('names a missing program, with its package', async ({ dir }) => {
  const { stdout } = await execa('xz', ['-c'], { input: 'x\n', encoding: 'buffer' });
  writeFileSync(join(dir, 'x.xz'), stdout);
  const path = process.env.PATH;
  process.env.PATH = dir;
  try {
    const { exitCode, err } = await riposte(['replay', join(dir, 'x.xz')]);
    assert.is(exitCode, 69);
    assert.match(err, /x\.xz: xz is not in PATH \(.*\); install xz-utils/);
  } finally {
    process.env.PATH = path;
  }
});

replay('counts a line of 20 MB as cut, and reads the lines around it', async ({ dir }) => {
  const [first, ...others] = scan('203.0.113.9');
  const long = `198.51.100.1 - - [20/Nov/2026:09:00:00 +0000] "GET /${'a'.repeat(20_000_000)} HTTP/1.1" 404 1 "-" "-"`;
  const file = join(dir, 'long.log');
  writeFileSync(file, gzipSync([first, long, ...others].join('\n')));
  const [{ address } = {}, { summary } = {}] = reports((await riposte(['replay', '--json', file])).out);
  assert.equal([address, summary?.lines, summary?.cut], ['203.0.113.9', 17, 1]);
});

replay('accepts an empty log, and requires at least one log', async () => {
  assert.match((await riposte(['replay', '-'], '')).out, /^0 lines/);
  assert.is((await riposte(['replay'])).exitCode, 64);
  assert.is((await riposte(['replay', '--level', 'high', '-'])).exitCode, 64);
});

/** A home of Riposte without a manager, with these files in etc. */
function homeWith(dir: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/riposte.conf'), '');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'etc', name), text);
  return dir;
}

replay('uses the exceptions and the rules of the home', async ({ dir }) => {
  const rules = `<group name="own,"><rule id="100500" level="11"><if_sid>31100,31108</if_sid><url>/mine/</url>
<description>mine</description></rule></group>`;
  const home = homeWith(dir, {
    'riposte.except': 'path:/page* rule:117103\n',
    'riposte-rules.xml': rules,
  });
  const lines = [...scan('203.0.113.9'), request('203.0.113.10', 1, '/mine/', 200)].join('\n');
  const { out } = await riposte(['replay', '--json', '--home', home, '-'], lines);
  const [block, { summary } = {}] = reports(out);
  assert.equal([block?.address, block?.rule, summary?.blocked], ['203.0.113.10', 100500, 1]);
  const byEnvironment = await riposte(['replay', '--json', '-'], lines, 65_536, { RIPOSTE_HOME: home });
  assert.is(reports(byEnvironment.out)[0]?.rule, 100500);
});

replay('names file and line of a wrong exception and of a wrong rule', async ({ dir }) => {
  const home = homeWith(dir, { 'riposte.except': '\nrule:999999\n' });
  const wrong = await riposte(['replay', '--home', home, '-'], '');
  assert.is(wrong.exitCode, 78);
  assert.match(wrong.err, /etc\/riposte\.except:2: there is no rule 999999\n$/);
  writeFileSync(
    join(home, 'etc/riposte-rules.xml'),
    '<group name="a,">\n<rule id="100500" level="much"/></group>',
  );
  const { err, exitCode } = await riposte(['replay', '--home', home, '-'], '');
  assert.is(exitCode, 78);
  assert.match(err, /etc\/riposte-rules\.xml:2: /);
});

replay('prints a table of sources and alerts by class', async () => {
  const lines = [...scan('203.0.113.9'), ...scan('203.0.113.10'), request('203.0.113.11', 1, '/.env')];
  const text = (await riposte(['replay', '-'], lines.join('\n'))).out;
  assert.match(text, /CLASS +SOURCES +ALERTS\nunmistakable +1 +1\nburst +2 +2\n/);
  const { out } = await riposte(['replay', '--json', '-'], lines.join('\n'));
  assert.equal(reports(out).at(-1)?.summary?.byClass, [
    { class: 'unmistakable', sources: 1, alerts: 1 },
    { class: 'burst', sources: 2, alerts: 2 },
    { class: 'other rules', sources: 0, alerts: 30 },
  ]);
});

replay('lists with --as-user the sources that have more successful requests than alerts', async () => {
  const others = Array.from({ length: 5 }, (_, i) => request(`198.51.100.${i}`, i, '/news', 200));
  const pages = ['/mine', '/news?page=2', ...Array.from({ length: 18 }, (_, i) => `/mine/${i}`)];
  const visits = pages.map((page) => request('203.0.113.9', 1, page, 200));
  const lines = [...others, ...visits, ...scan('203.0.113.9'), ...scan('203.0.113.10')].join('\n');
  const { out } = await riposte(['replay', '--as-user', '-'], lines);
  assert.match(
    out,
    /check first: [^\n]*\n {2}203\.0\.113\.9 {2}rule 117103 {2}20 answered 2xx or 3xx, 16 alerts\n {4}agent Mozilla\/5\.0\n {4}path \/news\n {4}path \/mine\n/,
  );
  assert.not.match(out, /203\.0\.113\.10 {2}rule \d+ {2}\d+ answered/);
  const none = await riposte(['replay', '--as-user', '-'], scan('203.0.113.9').join('\n'));
  assert.match(none.out, /check first: no blocked source got more pages/);
  const json = await riposte(['replay', '--as-user', '--json', '-'], lines);
  const { asUser } = reports(json.out).at(-1)?.summary ?? {};
  const [first] = asUser as Record<string, unknown>[];
  assert.equal([first?.address, first?.served], ['203.0.113.9', 20]);
});

replay.run();
