import { chmod, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbuseServer, KEY } from '../lab/abuseipdb.ts';
import { runHere, startHere } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { Installation } from '../lab/installation.ts';
import { eventually } from '../lab/server.ts';
import { leftToAll } from '../runner/share.ts';

const name = 'reports to AbuseIPDB';
const test = process.getuid?.() === 0 ? suite(name) : (suite(name).skip as never as ReturnType<typeof suite>);
const inAll = leftToAll(test);
const [FIRST, SECOND, THIRD] = ['203.0.113.7', '203.0.113.8', '2001:db8:113::9'] as const;
const STATE = 'var/riposte/spool/abuseipdb-state';
const CONF = 'ABUSEIPDB_REPORT=yes\n';

let abuse: AbuseServer;
let at: Installation;

test.before.each(async () => {
  abuse = await AbuseServer.start();
  at = await Installation.create();
  await at.write('etc/riposte.conf', CONF);
  await key();
  // The first run reports nothing: Riposte reports only later blocks.
  await block('198.51.100.200');
  await sweep();
  assert.equal(abuse.requests, []);
});
test.after.each(async () => {
  await abuse.stop();
  await at.remove();
});

/** Writes the key's file anew: after this change, the next sweep does not wait for the end of a pause. */
async function key(text = KEY): Promise<void> {
  await at.write('etc/riposte.abuseipdb', `KEY=${text}\nURL=${abuse.url}\n`);
  await chmod(join(at.home, 'etc/riposte.abuseipdb'), 0o600);
}

const riposte = async (...words: string[]) => {
  const { status, stdout, stderr } = await runHere(at.home, ...words);
  assert.not.match(stdout + stderr, KEY);
  return { status, out: stdout, err: stderr };
};
const sweep = () => riposte('sweep');

/** Blocks an address in this home's map for Apache. This changes nothing on the machine itself. */
const block = (address: string, rule = '117053', response = 'apache-deny') =>
  runWithArguments(at, response, ['add', '-', address, '1.1', rule, '/var/log/apache2/access.log', '-']);

const waiting = async () =>
  (await readdir(join(at.home, 'var/riposte/spool/abuseipdb')).catch(() => [])).length;

/** The events of reports: their words, addresses and reasons. */
const events = async () =>
  (await at.journal())
    .filter(({ response }) => response === 'abuseipdb')
    .map(({ event, address, reason }) => [event, address, reason] as const);

/** Moves the times of the sent reports into the past. */
async function passMinutes(minutes: number): Promise<void> {
  const state = JSON.parse(await at.read(STATE));
  const sent = Object.entries(state.sent as Record<string, number>);
  state.sent = Object.fromEntries(sent.map(([address, time]) => [address, time - minutes * 60_000]));
  await at.write(STATE, JSON.stringify(state));
}

test('reports each blocked address once, with the categories of its rule and no data of host or request', async () => {
  await block(FIRST, '117053');
  await block(SECOND, '5712');
  await block(THIRD, '117040');
  const { status, out } = await sweep();
  assert.is(status, 0);
  assert.match(
    out,
    /^abuseipdb: 203\.0\.113\.7: sent: to AbuseIPDB, categories 21; the confidence of the address is now 52 %$/m,
  );
  assert.equal(
    abuse.reports.map(({ ip, categories }) => [ip, categories]),
    [
      [FIRST, '21'],
      [SECOND, '18,22'],
      [THIRD, '19,21'],
    ],
  );
  for (const { comment, timestamp, ip } of abuse.reports) {
    assert.match(comment, /^Riposte: .+ \(rule \d+\)$/);
    assert.not.match(comment, /\d+\.\d+\.\d+\.\d+|access\.log|\/var/);
    assert.not.match(comment, hostname());
    const blocked = (await at.journal()).find(({ address }) => address === ip);
    assert.is(timestamp, blocked?.time);
  }
  assert.match(abuse.reports[1]?.comment ?? '', 'failed logins by SSH (rule 5712)');
  await sweep();
  assert.is(abuse.requests.length, 3);
  assert.is(await waiting(), 0);
  assert.equal(
    (await events()).map(([event, address]) => [event, address]),
    [FIRST, SECOND, THIRD].map((each) => ['sent', each]),
  );
  // A report must not reach the log: a manager that reads the log would raise another alert.
  assert.not.match((await at.log()).join('\n'), 'AbuseIPDB');
  assert.match((await riposte('history', FIRST, '--response', 'abuseipdb')).out, /sent .* to AbuseIPDB/);
  assert.match(
    (await riposte('doctor', '--skip-test')).out,
    'reports to AbuseIPDB are on; 0 reports wait; only root',
  );
});

test('reports nothing without the setting, and never a block from before the setting', async () => {
  await at.write('etc/riposte.conf', '');
  await block(FIRST);
  await sweep();
  await at.write('etc/riposte.conf', CONF);
  await sweep();
  await block(SECOND);
  await sweep();
  assert.equal(abuse.ips, [SECOND]);
});

test('reports no private, own or allowed address, no prefix, no list, and no block of an operator', async () => {
  await block('10.9.8.7');
  await block('fd00::7');
  await block(FIRST);
  await block(SECOND);
  await block('203.0.113.20', '1002');
  await at.write('list.txt', '203.0.113.30\n');
  await riposte('block', '--file', join(at.home, 'list.txt'), '--response', 'apache-deny');
  await riposte('block', '203.0.113.40', '--response', 'apache-deny');
  // FIRST is added to the allow list only after its block, when its report is already waiting.
  abuse.instead = (response) => response.writeHead(503).end();
  await sweep();
  assert.is(await waiting(), 2);
  abuse.instead = undefined;
  await at.write('etc/riposte.allow', `${FIRST}\n`);
  await key();
  await sweep();
  assert.equal(abuse.ips, [SECOND]);
  assert.is(await waiting(), 0);
  const held = (await events()).filter(([event]) => event === 'held');
  assert.equal(held, [['held', FIRST, 'never reported: in the allow list']]);
});

test('reports an address again only after 15 minutes', async () => {
  await block(FIRST);
  await sweep();
  const again = async () => {
    await runWithArguments(at, 'apache-deny', ['delete', '-', FIRST]);
    await block(FIRST, '117040');
    await sweep();
  };
  await again();
  assert.is(abuse.requests.length, 1);
  assert.is(await waiting(), 0);
  await passMinutes(16);
  await again();
  // Riposte sends a second report, but AbuseIPDB refuses it, because by AbuseIPDB's clock 15 minutes have not passed.
  assert.is(abuse.requests.length, 2);
  assert.is(await waiting(), 0);
  assert.equal((await events()).at(-1), [
    'already',
    FIRST,
    'AbuseIPDB got a report of this address less than 15 minutes ago',
  ]);
});

test('sends a report again only after 15 minutes when AbuseIPDB’s answer was lost', async () => {
  abuse.lostAnswers = 1;
  await block(FIRST);
  const { status, err } = await sweep();
  assert.is(status, 75);
  assert.match(err, /^abuseipdb: spooled: AbuseIPDB at 127\.0\.0\.1:\d+: /m);
  await key();
  await sweep();
  assert.is(abuse.requests.length, 1);
  assert.is(await waiting(), 1);
  await passMinutes(16);
  await key();
  await sweep();
  assert.is(abuse.requests.length, 2);
  assert.is(await waiting(), 0);
});

test('stops at the daily limit until Retry-After, and keeps the other reports', async () => {
  abuse.left = 1;
  for (const address of [FIRST, SECOND, THIRD]) await block(address);
  const { status, out } = await sweep();
  assert.is(status, 0);
  const [, end = ''] =
    /^abuseipdb: spooled: AbuseIPDB accepts no more requests until (\S+) \(HTTP 429: Daily rate limit/m.exec(
      out,
    ) ?? [];
  const hours = (Date.parse(end) - Date.now()) / 3_600_000;
  assert.ok(hours > 7.5 && hours < 8.2, out);
  assert.is(abuse.requests.length, 2);
  assert.is((await sweep()).out, '');
  assert.is(abuse.requests.length, 2);
  assert.match((await riposte('mail')).out, /2 reports wait for AbuseIPDB; since .*Daily rate limit/);
  assert.match(await at.read('var/riposte/events.jsonl'), 'Daily rate limit');
  // The time of Retry-After is over.
  abuse.left = 10;
  const state = JSON.parse(await at.read(STATE));
  await at.write(STATE, JSON.stringify({ ...state, notBefore: Date.now() - 1 }));
  await sweep();
  assert.equal(abuse.ips, [FIRST, SECOND, THIRD]);
  assert.not.match(await at.read(STATE), 'trouble');
});

test('says once that the key is refused, sends no more requests, and uses a new key at once', async () => {
  await key('revoked');
  await block(FIRST);
  await block(SECOND);
  const { status, err } = await sweep();
  assert.is(status, 78);
  assert.match(
    err,
    /^abuseipdb: failed: AbuseIPDB refuses the key in \S+\/etc\/riposte\.abuseipdb \(HTTP 401: Authentication failed\..*\): write a new key into this file$/m,
  );
  assert.equal(await sweep(), { status: 0, out: '', err: '' });
  assert.is(abuse.requests.length, 1);
  assert.match((await riposte('doctor', '--skip-test')).out, /abuseipdb.*2 reports have waited since/);
  await key();
  await sweep();
  assert.equal(abuse.ips, [FIRST, SECOND]);
});

test('sends nothing while other accounts can read the key, or while there is no key', async () => {
  await block(FIRST);
  await chmod(join(at.home, 'etc/riposte.abuseipdb'), 0o644);
  const open = await sweep();
  assert.is(open.status, 78);
  assert.match(open.err, /riposte\.abuseipdb can be read by accounts other than root: run chmod 600/);
  await rm(join(at.home, 'etc/riposte.abuseipdb'));
  const state = JSON.parse(await at.read(STATE));
  await at.write(STATE, JSON.stringify({ ...state, notBefore: 0 }));
  assert.match(
    (await sweep()).err,
    /riposte\.abuseipdb does not exist: create it with mode 600 and the line KEY=/,
  );
  assert.equal(abuse.requests, []);
  await key();
  await sweep();
  assert.equal(abuse.ips, [FIRST]);
});

test('drops a report that AbuseIPDB refuses for good, and sends the next report', async () => {
  await block(FIRST);
  await block(SECOND);
  abuse.instead = (response) => {
    abuse.instead = undefined;
    response
      .writeHead(422)
      .end(
        '{"errors":[{"detail":"The timestamp is too old.","status":422,"source":{"parameter":"timestamp"}}]}',
      );
  };
  const { status, err } = await sweep();
  assert.is(status, 69);
  assert.match(err, 'abuseipdb: 203.0.113.7: failed: AbuseIPDB refuses the report: HTTP 422: The timestamp');
  assert.equal(abuse.ips, [SECOND]);
  assert.is(await waiting(), 0);
});

const WRONG: readonly [what: string, answer: (response: ServerResponse) => void, says: RegExp][] = [
  ['HTML', (to) => to.end('<html>Sign in</html>'), /answers HTTP 200 and no JSON: '<html>Sign in/],
  ['unexpected JSON', (to) => to.end('{"ok":true}'), /answers HTTP 200 and unexpected JSON/],
  ['an empty answer', (to) => to.end(), /answers HTTP 200 and no JSON/],
  ['an error of the server', (to) => to.writeHead(502).end('oops'), /answers HTTP 502: oops/],
  [
    'a redirect',
    (to) => to.writeHead(302, { Location: 'http://192.0.2.9/steal' }).end(),
    /redirects to http:\/\/192\.0\.2\.9\/steal, which is not followed/,
  ],
  ['an endless answer', endless, /its answer is longer than 1 MB/],
];

function endless(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, ' ');
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
}

for (const [what, answer, says] of WRONG)
  test(`keeps the report after ${what}, and does not try again at once`, async () => {
    await block(FIRST);
    abuse.instead = answer;
    const { status, err } = await sweep();
    assert.ok(status === 75 || status === 69, String(status));
    assert.match(err, says);
    abuse.instead = undefined;
    assert.equal(await sweep(), { status: 0, out: '', err: '' });
    assert.is(abuse.requests.length, 1);
    assert.is(await waiting(), 1);
    await passMinutes(16);
    await key();
    await sweep();
    assert.equal(abuse.ips, [FIRST]);
  });

test('repeats no report within 15 minutes, and loses no report, after kill -9 during a request', async () => {
  await block(FIRST);
  await block(SECOND);
  abuse.instead = () => {};
  const killed = startHere(at.home, 'sweep');
  await eventually('a request', async () => abuse.requests.length === 1);
  killed.kill('SIGKILL');
  await killed;
  abuse.instead = undefined;
  await sweep();
  assert.equal(abuse.ips, [SECOND]);
  assert.is(await waiting(), 1);
  await passMinutes(16);
  await sweep();
  assert.equal(abuse.ips, [SECOND, FIRST]);
  assert.is(await waiting(), 0);
});

test('reports each address once when several processes send', async () => {
  const addresses = Array.from({ length: 6 }, (_, index) => `203.0.113.${index + 1}`);
  for (const address of addresses) await block(address);
  await Promise.all([sweep(), sweep(), riposte('mail', '--send')]);
  await sweep();
  assert.equal(abuse.ips, addresses);
  assert.is(abuse.requests.length, addresses.length);
});

test('ignores times that are in the future because the clock was set back', async () => {
  await block(FIRST);
  const later = Date.now() + 86_400_000;
  const sent = { [FIRST]: later };
  await at.write(STATE, JSON.stringify({ sent, trouble: 'x', tried: later, notBefore: later + 300_000 }));
  await sweep();
  assert.equal(abuse.ips, [FIRST]);
});

inAll('stops waiting for a silent server, and does not send the report again at once', async () => {
  await block(FIRST);
  abuse.instead = () => {};
  assert.match((await sweep()).err, /no answer within 20 s/);
  assert.is(await waiting(), 1);
  await key();
  await sweep();
  assert.is(abuse.requests.length, 1);
});

test('drops reports beyond the limit, and reports that are too old', async () => {
  const line = { event: 'blocked', response: 'apache-deny', rule: '117053', reason: '', ms: 0 };
  const lines = Array.from({ length: 5010 }, (_, index) => {
    const address = `198.18.${index >> 8}.${index & 255}`;
    return JSON.stringify({ ...line, time: new Date(Date.now() - 3 * 86_400_000).toISOString(), address });
  });
  const journal = await at.read('var/riposte/events.jsonl');
  await at.write('var/riposte/events.jsonl', `${journal}${lines.join('\n')}\n`);
  const { err, out } = await sweep();
  assert.match(
    err,
    'abuseipdb: failed: Riposte did not report 10 addresses to AbuseIPDB, because 5000 reports already wait',
  );
  assert.match(out, 'failed: too old to be reported to AbuseIPDB');
  assert.equal(abuse.requests, []);
  assert.is(await waiting(), 0);
});

test('sends reports from serve, too, in a separate process', async () => {
  const log = join(at.home, 'access.log');
  await writeFile(log, '');
  await utimes(log, new Date(), new Date());
  await block(FIRST);
  const server = startHere(at.home, 'serve', '--response', 'apache-deny', log);
  try {
    await eventually('the report', async () => abuse.ips.length === 1);
  } finally {
    server.kill();
    await server;
  }
  assert.equal(abuse.ips, [FIRST]);
  await eventually('the sender ends', async () => (await events()).length === 1);
});

test('serve continues to block while the position in the journal cannot be read', async () => {
  const position = join(at.home, 'var/riposte/abuseipdb-position.json');
  await rm(position);
  await mkdir(position);
  const log = join(at.home, 'access.log');
  await writeFile(log, '');
  const server = startHere(at.home, 'serve', '--response', 'apache-deny', log);
  let said = '';
  server.all.on('data', (bytes) => (said += String(bytes)));
  try {
    await eventually('the error', async () => /cannot read .*abuseipdb-position\.json/.test(said));
  } finally {
    server.kill();
    await server;
  }
  assert.not.match(said, 'defect');
});

test('asks about an address in history only with the flag, and shows the answer as text', async () => {
  await block(FIRST);
  await riposte('history', FIRST);
  assert.equal(abuse.requests, []);
  const { status, out } = await riposte('history', FIRST, '--abuseipdb');
  assert.is(status, 0);
  assert.is(
    out.split('\n').at(-1),
    'AbuseIPDB: 203.0.113.7: confidence 87 %, 12 reports by 1 user in 90 days, the last at 2026-11-20 10:00:00 UTC, NL, Example \\u001b[31mHosting, Data Center/Web Hosting/Transit',
  );
  const json = (await riposte('history', FIRST, '--abuseipdb', '--json')).out.split('\n');
  const { abuseipdb } = JSON.parse(json.at(-1) ?? '');
  assert.equal([abuseipdb.address, abuseipdb.score, abuseipdb.reports], [FIRST, 87, 12]);
  for (const words of [[], ['10.1.2.3'], ['203.0.113.0/24']]) {
    const wrong = await riposte('history', ...words, '--abuseipdb');
    assert.is(wrong.status, 64);
    assert.match(wrong.err, '--abuseipdb needs the public address of one host');
  }
  await key('revoked');
  const refused = await riposte('history', FIRST, '--abuseipdb');
  assert.is(refused.status, 78);
  assert.match(refused.out, FIRST);
  assert.match(refused.err, 'AbuseIPDB refuses the key');
  assert.equal([...new Set(abuse.requests)], ['GET /api/v2/check']);
});

test.run();
