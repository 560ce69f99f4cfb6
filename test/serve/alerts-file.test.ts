import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasControls } from '../../base/printable.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { alertLine } from '../../serve/alert-line.ts';
import { AlertsFile } from '../../serve/alerts-file.ts';
import { ConditionLog } from '../../serve/condition-log.ts';

const test = suite('alerts-file');
let directory = '';
let file = '';
let said: string[] = [];
let done: string[] = [];
let alerts: AlertsFile;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'riposte-alerts-'));
  file = join(directory, 'alerts.log');
  said = [];
  done = [];
  alerts = new AlertsFile(file, new ConditionLog((text) => said.push(text)), ({ address }) =>
    done.push(address),
  );
});
test.after.each(() => rmSync(directory, { recursive: true }));

const detection = (address: string, other: Partial<Detection> = {}): Detection => ({
  address,
  time: 1_795_166_986,
  rule: 117010,
  level: 10,
  description: 'a scanner',
  line: 'GET /',
  location: '/var/log/access.log',
  ...other,
});

const written = () =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).srcip);

test('writes an alert as one line with address, level and rule first', () => {
  alerts.write(detection('203.0.113.9'));
  assert.match(
    readFileSync(file, 'utf8'),
    /^\{"riposte":"alert","srcip":"203\.0\.113\.9","level":10,"rule":117010,"time":"2026-.*\}\n$/,
  );
  assert.equal(done, ['203.0.113.9']);
});

test('keeps alerts while the file cannot be written, and reports the problem once', () => {
  mkdirSync(file);
  for (const address of ['203.0.113.9', '203.0.113.10']) alerts.write(detection(address));
  alerts.flush();
  assert.is(said.length, 1);
  assert.match(said[0] ?? '', `cannot write ${file}: it is a directory; alerts wait`);
  assert.equal(done, []);
  rmdirSync(file);
  alerts.flush();
  assert.equal(written(), ['203.0.113.9', '203.0.113.10']);
  assert.equal(done, ['203.0.113.9', '203.0.113.10']);
  assert.match(said[1] ?? '', 'the problem is over');
});

test('drops the oldest alert and reports the loss when more than 10,000 alerts wait', () => {
  mkdirSync(file);
  for (let index = 0; index < 10_001; index++) alerts.write(detection(`198.18.${index >> 8}.${index & 255}`));
  assert.match(said.at(-1) ?? '', 'Riposte drops the oldest of these alerts');
  assert.equal(done, ['198.18.0.0']);
  rmdirSync(file);
  alerts.flush();
  assert.is(written().length, 10_000);
});

test('writes no alert when the source is not a single address', () => {
  for (const address of ['host.example.org', '203.0.113.0/24', '', '"},"srcip":"203.0.113.1'])
    assert.is(alertLine(detection(address)), undefined, address);
  assert.match(alertLine(detection('::ffff:203.0.113.9')) ?? '', '"srcip":"203.0.113.9"');
});

test('writes one line that OSSEC can read whole, whatever an attacker sends', () => {
  const line = '\x1b]0;\x07"\\\n'.repeat(2000);
  const text = alertLine(detection('2001:db8::9', { line, description: line, location: line })) ?? '';
  assert.ok(Buffer.byteLength(text) < 6000, `${Buffer.byteLength(text)} bytes`);
  assert.not.ok(hasControls(text));
  assert.match(text, /^\{"riposte":"alert","srcip":"2001:db8::9","level":10,"rule":117010,/);
});

test.run();
