import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import type { Request } from '../../../active-response/protocol/request.ts';
import type { Outcome } from '../../../active-response/record/outcome.ts';
import { Report } from '../../../active-response/record/report.ts';
import { EX, RiposteError } from '../../../base/errors.ts';
import { requestWith, temporaryDirectory } from '../support.ts';

const BLOCKED: Outcome = {
  word: 'blocked',
  reason: 'until deleted, offence 1, by route',
  address: '203.0.113.9',
};

/** A report for a manager, so that nothing is written to this test's own standard output. */
function scene(request: Partial<Request> = requestWith({ source: 'wazuh4' })) {
  const home = homeAt(temporaryDirectory());
  const report = new Report('route-null', join(home.root, 'active-response/bin/route-null.js'), home);
  report.request = request;
  const linesOf = (file: string) =>
    existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return {
    home,
    report,
    log: () => linesOf(home.activeResponsesLog),
    journal: () => linesOf(home.journal).map((line) => JSON.parse(line)),
  };
}

test('writes one line in the log and one event in the journal for an outcome', () => {
  const it = scene();
  assert.is(it.report.outcome(BLOCKED), EX.OK);
  assert.is(it.log().length, 1);
  assert.match(it.log()[0] ?? '', /active-response\/bin\/route-null\.js: \{.*"outcome":"blocked"/);
  const [{ time, ms, ...event }] = it.journal();
  assert.is(new Date(time).toISOString(), time);
  assert.ok(ms >= 0);
  assert.equal(event, {
    event: 'blocked',
    response: 'route-null',
    command: 'add',
    protocol: 'wazuh4',
    address: '203.0.113.9',
    reason: 'until deleted, offence 1, by route',
    rule: '31151',
    alert: '1795166136.16',
    location: '/var/log/apache2/access.log -',
  });
});

test('returns a failure’s exit code, and records it with the address in log and journal', () => {
  const it = scene();
  assert.is(it.report.failure(new RiposteError(EX.TEMPFAIL, 'nft took longer than 20 s')), EX.TEMPFAIL);
  const [event] = it.journal();
  assert.equal(
    [event.event, event.reason, event.address],
    ['failed', 'nft took longer than 20 s', '203.0.113.9'],
  );
  assert.is(it.log().length, 1);
});

test('records a refused request only in the log', () => {
  const it = scene({ source: 'wazuh4' });
  assert.is(
    it.report.failure(new RiposteError(EX.DATAERR, 'the message is not JSON (7 characters)')),
    EX.DATAERR,
  );
  assert.is(it.log().length, 1);
  assert.match(it.log()[0] ?? '', /"outcome":"refused","reason":"the message is not JSON/);
  assert.not(existsSync(it.home.journal));
});

test('omits an invalid address', () => {
  const it = scene(requestWith({ source: 'wazuh4', address: 'www.example.com' }));
  it.report.failure(new RiposteError(EX.UNAVAILABLE, 'why'));
  assert.is(it.journal()[0].address, undefined);
});

test('fails when an outcome cannot be logged, even when the address is blocked', () => {
  const it = scene();
  mkdirSync(it.home.activeResponsesLog, { recursive: true });
  assert.is(it.report.outcome(BLOCKED), EX.IOERR);
  assert.is(it.journal().length, 1);
});

test('fails, but logs, when the journal cannot be written', () => {
  const it = scene();
  writeFileSync(join(it.home.root, 'var'), 'in the way');
  assert.is(it.report.outcome(BLOCKED), EX.IOERR);
  assert.is(it.log().length, 1);
});

test('keeps a failure’s own exit code when it cannot be logged', () => {
  const it = scene();
  mkdirSync(it.home.activeResponsesLog, { recursive: true });
  assert.is(it.report.failure(new RiposteError(EX.NOPERM, 'not permitted')), EX.NOPERM);
});

test('writes one line with all commands, and no block, for a manager’s dry run', () => {
  const it = scene();
  it.report.dryRun = true;
  it.report.rehearse('would run: ip route replace');
  it.report.rehearse('  | add table');
  assert.is(it.report.outcome(BLOCKED), EX.OK);
  const [event] = it.journal();
  assert.equal(
    [event.event, event.reason],
    ['rehearsed', 'dry run: would run: ip route replace; | add table'],
  );
  assert.is(it.log().length, 1);
});

test.run();
