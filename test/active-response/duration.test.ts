import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arConfTimeouts, blockSeconds, repeatedOffenders } from '../../active-response/duration.ts';
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

test('the timeouts of a script are those of all its names in ar.conf', () => {
  assert.equal(arConfTimeouts(AR_CONF, 'route-null.js'), [600, 3600]);
  assert.equal(arConfTimeouts(AR_CONF, 'firewall-drop.js'), [60]);
  assert.equal(arConfTimeouts(AR_CONF, 'apache-deny.js'), [0, 10]);
});

test('a script of another name has none, and a part of a name is another', () => {
  for (const script of ['route-null', 'null.js', 'route-null600', '', '600'])
    assert.equal(arConfTimeouts(AR_CONF, script), [], script);
  assert.equal(arConfTimeouts(undefined, 'route-null.js'), []);
  assert.equal(arConfTimeouts('', 'route-null.js'), []);
});

test('ar.conf with the line ends of Windows, and a line without a timeout, are read', () => {
  assert.equal(arConfTimeouts('a600 - a.js - 600\r\nb - a.js\nc - a.js - never\n', 'a.js'), [600, 0, 0]);
});

test('repeated offenders are minutes in ossec.conf', () => {
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

test('no repeated offenders, and what is none, are an empty list', () => {
  assert.equal(repeatedOffenders(undefined), []);
  assert.equal(repeatedOffenders('<ossec_config/>'), []);
  assert.equal(repeatedOffenders(OFFENDERS.replace('30', 'thirty')), []);
  assert.equal(repeatedOffenders(`<!-- ${OFFENDERS} -->`), []);
});

test('a block outlives the manager’s timeout by five minutes', () => {
  assert.is(seconds({ arConf: AR_CONF, script: 'firewall-drop.js' }), 360);
});

test('of several names for one script the longest timeout counts', () => {
  assert.is(seconds({ arConf: AR_CONF }), 3900);
});

test('of the repeated offenders the longest counts when it is longer', () => {
  assert.is(seconds({ arConf: AR_CONF, ossecConf: OFFENDERS }), 7500);
  assert.is(seconds({ arConf: AR_CONF, ossecConf: '<repeated_offenders>1</repeated_offenders>' }), 3900);
});

test('a timeout of 0 means that the manager never deletes', () => {
  assert.is(seconds({ arConf: AR_CONF, script: 'apache-deny.js' }), undefined);
  assert.is(seconds({ arConf: 'a0 - a.js - 0\n', script: 'a.js', ossecConf: OFFENDERS }), undefined);
});

test('without a manager, and for a script that ar.conf does not name, a block lasts for ever', () => {
  assert.is(seconds({}), undefined);
  assert.is(seconds({ arConf: AR_CONF, script: 'my-own.js' }), undefined);
  assert.is(seconds({ ossecConf: OFFENDERS }), undefined);
});

test('Wazuh 5 tells its timeout itself, and ar.conf does not count', () => {
  const arConf = AR_CONF;
  assert.is(seconds({ request: { protocol: 'wazuh5', timeout: 60 }, arConf }), 360);
  assert.is(seconds({ request: { protocol: 'wazuh5', timeout: 0 }, arConf }), undefined);
  assert.is(seconds({ request: { protocol: 'wazuh5', timeout: undefined }, arConf }), 3900);
});

test('with BLOCK_FOR the first offence gets the first time, and each later one the next, up to the last', () => {
  const settings = { blockFor: [60, 3600, 86_400] };
  const times = [1, 2, 3, 4, 100].map((offence) =>
    seconds({ settings, offence, arConf: AR_CONF, ossecConf: OFFENDERS }),
  );
  assert.equal(times, [60, 3600, 86_400, 86_400, 86_400]);
  assert.is(seconds({ settings: { blockFor: [60] }, offence: 2 }), 60);
});

test('BLOCK_FOR counts also where the manager never deletes', () => {
  assert.is(seconds({ settings: { blockFor: [60] }, request: { timeout: 0 } }), 60);
});

test('a severe level gets the last time at once', () => {
  const settings = { blockFor: [60, 3600], severeLevel: 12 };
  assert.is(seconds({ settings, request: { ruleLevel: 12 } }), 3600);
  assert.is(seconds({ settings, request: { ruleLevel: 15 } }), 3600);
  assert.is(seconds({ settings, request: { ruleLevel: 11 } }), 60);
  assert.is(seconds({ settings, request: { ruleLevel: undefined } }), 60);
});

test('a severe rule gets the last time at once', () => {
  const settings = { blockFor: [60, 3600], severeRules: ['31106', '31151'] };
  assert.is(seconds({ settings, request: { ruleId: '31151' } }), 3600);
  assert.is(seconds({ settings, request: { ruleId: '3115' } }), 60);
  assert.is(seconds({ settings, request: { ruleId: undefined } }), 60);
});

test('severity changes nothing without BLOCK_FOR', () => {
  assert.is(
    seconds({ arConf: AR_CONF, request: { ruleLevel: 16 }, settings: { severeRules: ['31151'] } }),
    3900,
  );
});

test('whatever time a manager names, the block ends at a date that can be written', () => {
  for (const time of [
    seconds({ request: { timeout: Number.MAX_SAFE_INTEGER } }),
    seconds({ arConf: 'a - a.js - 99999999999999\n', script: 'a.js' }),
  ]) {
    const end = new Date(Date.now() + (time ?? 0) * 1000);
    assert.not(Number.isNaN(end.getTime()), `in ${time} s`);
  }
});

test('repeated_offenders may be split at spaces', () => {
  assert.equal(repeatedOffenders('<repeated_offenders>30 60,\n90,</repeated_offenders>'), [1800, 3600, 5400]);
});

test('what a person says holds, whatever the settings and the manager say', () => {
  const settings = { blockFor: [86_400], severeRules: ['31151'] };
  assert.is(seconds({ request: { blockFor: 60, timeout: 0 }, settings, arConf: AR_CONF }), 60);
});

test.run();
