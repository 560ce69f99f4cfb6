import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  arConfTimeouts,
  blockSeconds,
  earliestDelete,
  repeatedOffenders,
} from '../../active-response/duration.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { requestWith, settingsWith } from './support.ts';

const AR_CONF = `restart-ossec0 - restart-ossec.sh - 0
route-null600 - route-null.js - 600
route-null3600 - route-null.js - 3600
firewall-drop60 - firewall-drop.js - 60
forever0 - apache-deny.js - 0
short10 - apache-deny.js - 10
`;
const OFFENDERS = '<active-response><repeated_offenders>30,60,120</repeated_offenders></active-response>';

function seconds({
  request = {},
  script = 'route-null.js',
  offence = 1,
  settings = {},
  arConf,
  ossecConf,
}: {
  request?: Partial<Request>;
  script?: string;
  offence?: number;
  settings?: Partial<Settings>;
  arConf?: string;
  ossecConf?: string;
}): number | undefined {
  return blockSeconds(requestWith(request), script, offence, settingsWith(settings), { arConf, ossecConf });
}

test('finds the timeouts of a script under all its names in ar.conf', () => {
  assert.equal(arConfTimeouts(AR_CONF, 'route-null.js'), [600, 3600]);
  assert.equal(arConfTimeouts(AR_CONF, 'firewall-drop.js'), [60]);
  assert.equal(arConfTimeouts(AR_CONF, 'apache-deny.js'), [0, 10]);
});

test('finds no timeout when the script’s name is only similar to a name in ar.conf', () => {
  for (const script of ['route-null', 'null.js', 'route-null600', '', '600'])
    assert.equal(arConfTimeouts(AR_CONF, script), [], script);
  assert.equal(arConfTimeouts(undefined, 'route-null.js'), []);
  assert.equal(arConfTimeouts('', 'route-null.js'), []);
});

test('accepts CRLF in ar.conf, and returns 0 for a line without a valid timeout', () => {
  assert.equal(arConfTimeouts('a600 - a.js - 600\r\nb - a.js\nc - a.js - never\n', 'a.js'), [600, 0, 0]);
});

test('converts repeated_offenders in ossec.conf from minutes', () => {
  assert.equal(repeatedOffenders(OFFENDERS), [1800, 3600, 7200]);
  assert.equal(repeatedOffenders('<repeated_offenders> 30, 60 </repeated_offenders>'), [1800, 3600]);
  assert.equal(
    repeatedOffenders(`${OFFENDERS}<!-- <repeated_offenders>9999</repeated_offenders> -->`),
    [1800, 3600, 7200],
  );
  assert.equal(
    repeatedOffenders(`${OFFENDERS}<repeated_offenders>5</repeated_offenders>`),
    [1800, 3600, 7200, 300],
  );
});

test('returns an empty list without valid repeated_offenders', () => {
  assert.equal(repeatedOffenders(undefined), []);
  assert.equal(repeatedOffenders('<ossec_config/>'), []);
  assert.equal(repeatedOffenders(OFFENDERS.replace('30', 'thirty')), []);
  assert.equal(repeatedOffenders(`<!-- ${OFFENDERS} -->`), []);
});

test('adds five minutes to the manager’s timeout', () => {
  assert.is(seconds({ arConf: AR_CONF, script: 'firewall-drop.js' }), 360);
});

test('uses the longest timeout when a script has several names', () => {
  assert.is(seconds({ arConf: AR_CONF }), 3900);
});

test('uses the longest of the repeated_offenders when it exceeds the timeout', () => {
  assert.is(seconds({ arConf: AR_CONF, ossecConf: OFFENDERS }), 7500);
  assert.is(seconds({ arConf: AR_CONF, ossecConf: '<repeated_offenders>1</repeated_offenders>' }), 3900);
});

test('sets no end when the manager’s timeout is 0', () => {
  assert.is(seconds({ arConf: AR_CONF, script: 'apache-deny.js' }), undefined);
  assert.is(seconds({ arConf: 'a0 - a.js - 0\n', script: 'a.js', ossecConf: OFFENDERS }), undefined);
});

test('sets no end without a manager, and for a script that ar.conf does not name', () => {
  assert.is(seconds({}), undefined);
  assert.is(seconds({ arConf: AR_CONF, script: 'my-own.js' }), undefined);
  assert.is(seconds({ ossecConf: OFFENDERS }), undefined);
});

test('uses Wazuh 5’s own timeout instead of ar.conf', () => {
  const arConf = AR_CONF;
  assert.is(seconds({ request: { source: 'wazuh5', timeout: 60 }, arConf }), 360);
  assert.is(seconds({ request: { source: 'wazuh5', timeout: 0 }, arConf }), undefined);
  assert.is(seconds({ request: { source: 'wazuh5', timeout: undefined }, arConf }), 3900);
});

test('uses the times of BLOCK_FOR in order, and the last for all later offences', () => {
  const settings = { blockFor: [60, 3600, 86_400] };
  const times = [1, 2, 3, 4, 100].map((offence) =>
    seconds({ settings, offence, arConf: AR_CONF, ossecConf: OFFENDERS }),
  );
  assert.equal(times, [60, 3600, 86_400, 86_400, 86_400]);
  assert.is(seconds({ settings: { blockFor: [60] }, offence: 2 }), 60);
});

test('uses BLOCK_FOR when the manager’s timeout is 0', () => {
  assert.is(seconds({ settings: { blockFor: [60] }, request: { timeout: 0 } }), 60);
});

test('uses BLOCK_FOR’s last time for a first offence when the level is severe', () => {
  const settings = { blockFor: [60, 3600], severeLevel: 12 };
  assert.is(seconds({ settings, request: { ruleLevel: 12 } }), 3600);
  assert.is(seconds({ settings, request: { ruleLevel: 15 } }), 3600);
  assert.is(seconds({ settings, request: { ruleLevel: 11 } }), 60);
  assert.is(seconds({ settings, request: { ruleLevel: undefined } }), 60);
});

test('uses BLOCK_FOR’s last time for a first offence when the rule is severe', () => {
  const settings = { blockFor: [60, 3600], severeRules: ['31106', '31151'] };
  assert.is(seconds({ settings, request: { ruleId: '31151' } }), 3600);
  assert.is(seconds({ settings, request: { ruleId: '3115' } }), 60);
  assert.is(seconds({ settings, request: { ruleId: undefined } }), 60);
  const ofWazuh5 = { blockFor: [60, 3600], severeRules: ['5af54681-df95-4c26-854f-2565e13cfab0'] };
  assert.is(
    seconds({ settings: ofWazuh5, request: { ruleId: '5AF54681-DF95-4C26-854F-2565E13CFAB0' } }),
    3600,
  );
});

test('ignores severity when BLOCK_FOR is not set', () => {
  assert.is(
    seconds({ arConf: AR_CONF, request: { ruleLevel: 16 }, settings: { severeRules: ['31151'] } }),
    3900,
  );
});

test('sets a valid end even when the manager’s timeout is huge', () => {
  for (const time of [
    seconds({ request: { timeout: Number.MAX_SAFE_INTEGER } }),
    seconds({ arConf: 'a - a.js - 99999999999999\n', script: 'a.js' }),
  ]) {
    const end = new Date(Date.now() + (time ?? 0) * 1000);
    assert.not(Number.isNaN(end.getTime()), `in ${time} s`);
  }
});

test('accepts repeated_offenders separated by spaces', () => {
  assert.equal(repeatedOffenders('<repeated_offenders>30 60,\n90,</repeated_offenders>'), [1800, 3600, 5400]);
});

test('prefers an operator’s time to the times of settings and manager', () => {
  const settings = { blockFor: [86_400], severeRules: ['31151'] };
  assert.is(seconds({ request: { blockFor: 60, timeout: 0 }, settings, arConf: AR_CONF }), 60);
});

test('finds the earliest time at which a manager deletes a block', () => {
  const made = Date.parse('2026-11-20T09:00:00.000Z');
  const untilAfter = (total: number) => new Date(made + total * 1000).toISOString();
  const earliest = (
    until: string | null,
    script: string,
    arConf?: string,
    ossecConf?: string,
    timeout?: number,
  ) => earliestDelete(until, { timeout }, script, { arConf, ossecConf });
  assert.is(earliest(untilAfter(3900), 'route-null.js', AR_CONF), made + 600_000);
  assert.is(earliest(untilAfter(7500), 'route-null.js', AR_CONF, OFFENDERS), made + 600_000);
  assert.is(earliest(untilAfter(360), 'x.js', undefined, undefined, 60), made + 60_000);
  assert.is(earliest(null, 'route-null.js', AR_CONF), undefined);
  assert.is(
    earliest(untilAfter(310), 'apache-deny.js', AR_CONF),
    undefined,
    'one timeout of the script is 0',
  );
  assert.is(earliest(untilAfter(310), 'route-null.js'), undefined);
});

test.run();
