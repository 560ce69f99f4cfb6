import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from '../../active-response/support.ts';
import { riposte } from '../../cli/io.ts';

const test = suite('wrong LOGS');
const home = temporaryDirectory();
const log = join(home, 'access.log');
const conf = join(home, 'etc/riposte.conf');

const line = (address: string, agent: string): string =>
  `${address} - - [${clfTime()}] "GET / HTTP/1.1" 200 196 "-" "${agent}"\n`;

function clfTime(): string {
  const [, day, month, year, time] = new Date().toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

test.before.each(() => {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'etc'), { recursive: true });
  writeFileSync(log, line('203.0.113.7', 'Nikto'));
});

for (const [what, lines, message] of [
  [
    'a format that does not exist',
    ['LOGS=LOG=combinde'],
    `LOG: there is no log format 'combinde'; the formats are combined, `,
  ],
  [
    'a format without an address',
    ['LOGS=LOG=x', 'LOG_FORMAT_x=apache:%t "%r"'],
    "CONF:2: LOG_FORMAT_x: it lacks the client's address; write %a in front",
  ],
  [
    'a format with the user agent in front',
    ['LOG_FORMAT_x=apache:%{User-Agent}i %h %l %u %t "%r"', 'LOGS=LOG=x'],
    'CONF:1: LOG_FORMAT_x: in its LogFormat %h is next to %{User-Agent}i',
  ],
  [
    'escape=none',
    ['LOGS=LOG', 'LOG_FORMAT_x=nginx:escape=none $remote_addr'],
    'CONF:2: LOG_FORMAT_x: with escape=none',
  ],
  [
    'an escape= that nginx does not have',
    ['LOGS=LOG', 'LOG_FORMAT_x=nginx:escape=jsn $remote_addr'],
    'CONF:2: LOG_FORMAT_x: nginx knows no escape=jsn',
  ],
  [
    'a format without a server',
    ['LOGS=LOG', 'LOG_FORMAT_x=%h %t'],
    "CONF:2: LOG_FORMAT_x is '%h %t', but must be apache: or nginx:",
  ],
  [
    'a format with a name of Riposte',
    ['LOGS=LOG', 'LOG_FORMAT_combined=apache:%h'],
    'CONF:2: LOG_FORMAT_combined: combined is a built-in format',
  ],
  [
    'a format without a name',
    ['LOGS=LOG', 'LOG_FORMAT=apache:%h'],
    'CONF:2: unknown key LOG_FORMAT; set your own format by LOG_FORMAT_NAME=',
  ],
  [
    'a pattern that matches nothing',
    ['LOGS=HOME/gone/*.log'],
    'no file matches HOME/gone/*.log; name a log that exists',
  ],
  ['a directory', ['LOGS=HOME'], 'LOGS: HOME is a directory; name the logs in it (HOME/*.log)'],
  [
    'two formats for one log',
    ['LOGS=LOG=combined,HOME/*.log=nginx-main'],
    'LOG has two formats, combined and nginx-main',
  ],
  ['two paths without a comma', ['LOGS=LOG HOME/b.log'], "LOGS is 'LOG HOME/b.log', but must be"],
  [
    'a proxy that does not exist',
    ['LOGS=LOG', 'TRUSTED_PROXIES=10.0.0.1,cloudfare'],
    "; 'cloudfare' is wrong",
  ],
] as const) {
  const filled = (text: string): string =>
    text
      .replaceAll('LOG ', `${log} `)
      .replace(/LOG(?=[=:,]|$| has)/g, log)
      .replaceAll('HOME', home)
      .replace('CONF', conf);

  test(`refuses ${what}, gives advice, and changes nothing`, async () => {
    writeFileSync(conf, `${lines.map(filled).join('\n')}\n`);
    for (const verb of ['scan', 'serve']) {
      const { exitCode, out, err } = await riposte([verb, '--simulate', '--home', home]);
      assert.is(exitCode, 78, err);
      assert.is(out, '');
      assert.match(err, filled(message));
      assert.is(err.trimEnd().split('\n').length, 1);
      assert.equal(readdirSync(home).sort(), ['access.log', 'etc']);
    }
  });
}

test('ends with the exit status for an unreadable log when an operand is a directory', async () => {
  for (const verb of ['scan', 'serve']) {
    const { exitCode, err } = await riposte([verb, '--simulate', '--home', home, home]);
    assert.is(exitCode, 74, err);
    assert.match(err, `name the logs in it (${home}/*.log)`);
  }
});

test('refuses a damaged formats.json, and leaves it as it is', async () => {
  writeFileSync(conf, `LOGS=${log}\n`);
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  writeFileSync(join(home, 'var/riposte/formats.json'), '{');
  for (const verb of ['scan', 'serve']) {
    const { exitCode, err } = await riposte([verb, '--simulate', '--home', home]);
    assert.is(exitCode, 78);
    assert.match(err, /formats\.json is damaged; remove it to detect/);
    assert.equal(readdirSync(join(home, 'var/riposte')), ['formats.json']);
  }
});

test('counts unreadable lines, and gives the reason', async () => {
  writeFileSync(conf, `LOGS=${log}\n`);
  writeFileSync(
    log,
    line('203.0.113.7', 'Nikto').repeat(30) + 'x\n'.repeat(10) + line('client.example.org', 'curl'),
  );
  const { exitCode, out, err } = await riposte(['scan', '--simulate', '--home', home]);
  assert.is(exitCode, 0);
  assert.match(err, /^riposte: \S+access\.log: 10 of the last 41 lines cannot be read as combined: a line /);
  assert.match(
    out,
    /: 41 new lines in 1 log, evaluated by their own times; Riposte cannot read 10 lines; 1 request without a client that can be trusted; /,
  );
  assert.match(out, / alerts, 1 would be blocked\n$/);
  const { out: json } = await riposte(['scan', '--simulate', '--json', '--home', home]);
  const { summary } = JSON.parse(json.trim().split('\n').at(-1) ?? '');
  assert.is(summary.unreadable, 10);
  assert.is(summary.withoutClient, 1);
  assert.not(existsSync(join(home, 'var')));
});

test('does not block the proxies of a CDN, and warns about them', async () => {
  writeFileSync(conf, `LOGS=${log}\n`);
  writeFileSync(log, line('172.64.1.1', 'Nikto') + line('172.64.1.2', 'Nikto'));
  const { out, err } = await riposte(['scan', '--home', home]);
  assert.is(out.match(/^ +held: it is a proxy of cloudflare/gm)?.length, 2, out);
  assert.match(
    err,
    /^riposte: 2 of these addresses are proxies of cloudflare; .*; set TRUSTED_PROXIES=cloudflare\n$/,
  );
});

test.run();
