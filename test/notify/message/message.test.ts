import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { type Block, writeBlock } from '../../../active-response/ledger.ts';
import { RESPONSES } from '../../../active-response/response/responses.ts';
import { writeMail } from '../../../notify/channel/mail.ts';
import { slackText } from '../../../notify/channel/webhook-body.ts';
import { messageOf } from '../../../notify/message/message.ts';
import { noticeOf, readNotice } from '../../../notify/message/notice.ts';
import { readMessage } from '../../../notify/message/read-message.ts';
import { RESPONSE_NAMES } from '../../../notify/message/what-was-done.ts';
import { isPrintable, requestWith, temporaryDirectory } from '../../active-response/support.ts';
import { bodyOf, headerNames, headerOf } from '../../lab/mail-server.ts';
import { wazuh4 } from '../../lab/managers.ts';

const NOW = new Date('2026-11-20T09:15:36.160Z');

function homeWith(...blocks: Partial<Block>[]) {
  const home = homeAt(temporaryDirectory());
  for (const block of blocks) {
    const whole = {
      address: '203.0.113.9',
      response: 'firewall-drop',
      backend: 'nftables',
      since: NOW.toISOString(),
      until: '2126-11-20T09:25:36.000Z',
      offence: 2,
      ...block,
    };
    mkdirSync(join(home.blocks, whole.response), { recursive: true });
    writeBlock(home, whole);
  }
  return home;
}

const notice = (some: object = {}) => ({
  ...noticeOf(requestWith({ description: 'Many 404s', ruleLevel: 10, log: 'GET /pma' }), undefined, NOW),
  host: 'www1',
  ...some,
});

test('names the event, the host, the response, the end of the block, and the command that ends it', () => {
  const message = messageOf({ notices: [notice()] }, homeWith({}));
  assert.is(message.subject, '[riposte] www1: 203.0.113.9: Many 404s (level 10)');
  assert.is(
    message.text,
    `Many 404s (level 10)

Address:  203.0.113.9
Rule:     31151, level 10
Time:     2026-11-20 09:15:36 UTC
Host:     www1
From:     /var/log/apache2/access.log -
Alert:    1795166136.16

Actions
  firewall-drop blocks the address until 2126-11-20 09:25:36 UTC (offence 2, by nftables).
  To unblock it:    riposte unblock 203.0.113.9
  To allow it:      riposte allow 203.0.113.9

The log
  GET /pma
`,
  );
});

test('names each response, even a failed response, and leaves out a block that has ended', () => {
  const home = homeWith(
    { response: 'route-null', backend: 'route', until: null, offence: 1 },
    { response: 'firewall-drop', failed: 'nft said no' },
    { response: 'apache-deny', until: '2001-01-01T00:00:00.000Z' },
  );
  const { text } = messageOf({ notices: [notice()] }, home);
  assert.match(text, 'firewall-drop could NOT block the address: nft said no');
  assert.match(
    text,
    'route-null blocks the address until the manager or an operator unblocks it (offence 1, by route).',
  );
  assert.not.match(text, 'apache-deny');
});

test('looks up every response', () => {
  assert.equal([...RESPONSE_NAMES].sort(), RESPONSES.map(({ name }) => name).sort());
});

test('says that there is no block, that the alert has no address, or that its address is invalid', () => {
  const home = homeWith();
  const done = (some: object) => messageOf({ notices: [notice(some)] }, home).text;
  assert.match(
    done({}),
    'No response on this host blocks the address.\n  To block it here: riposte block 203.0.113.9',
  );
  assert.match(done({ address: undefined }), 'The alert names no address to block.');
  assert.match(done({ address: '../../etc/passwd' }), '../../etc/passwd is not an address to block.');
});

test('names the manager’s response and its hosts when other hosts block', () => {
  const home = homeWith();
  mkdirSync(dirname(home.ossecConf), { recursive: true });
  const response = (location: string, more: string) =>
    `<active-response><command>riposte-firewall-drop</command><location>${location}</location>${more}</active-response>`;
  const mails = '<command><name>mail</name><executable>email-alert.js</executable></command>';
  const answered = (
    location: string,
    more: string,
    from = '(web) 192.0.2.2->/var/log/apache2/access.log',
  ) => {
    const conf = `<ossec_config>${mails}${response('server', '<level>1</level>').replace('riposte-firewall-drop', 'mail')}${response(location, more)}</ossec_config>`;
    writeFileSync(home.ossecConf, conf);
    return messageOf({ notices: [notice({ location: from })] }, home).text;
  };
  const rules = '<rules_id>117053, 31151</rules_id>';
  assert.match(
    answered('local', rules),
    `ossec.conf orders riposte-firewall-drop (location local) on agent web.
  To see the block: riposte status 203.0.113.9, on the agent
  To unblock it:    riposte unblock 203.0.113.9, on the agent
  To block it here: riposte block 203.0.113.9`,
  );
  assert.match(answered('all', '<level>10</level>'), '(location all) on every agent.');
  assert.match(answered('defined-agent', `<agent_id>007</agent_id>${rules}`), 'on agent 007.');
  const conf = `<ossec_config><global><white_list>203.0.113.0/24</white_list></global>${response('all', rules)}</ossec_config>`;
  writeFileSync(home.ossecConf, conf);
  assert.match(
    messageOf({ notices: [notice()] }, home).text,
    'The address is in the white_list of ossec.conf (203.0.113.0/24): no response blocks it.',
  );
  for (const text of [answered('server', rules), answered('local', rules, 'www1->/var/log/x')])
    assert.match(text, 'on this host, but the address is not blocked here: see riposte history 203.0.113.9');
  for (const text of [answered('all', '<level>11</level>'), answered('all', '<rules_id>3115</rules_id>')])
    assert.match(text, 'No response on this host blocks the address.');
});

test('groups a digest by address and rule, with the most frequent group first', () => {
  const many = Array.from({ length: 70 }, (_, n) => notice({ address: `198.51.100.${n}` }));
  const { subject, text } = messageOf({ notices: [...many, notice(), notice(), notice()] }, homeWith({}));
  assert.is(subject, '[riposte] www1: 73 alerts about 71 addresses');
  assert.match(
    text,
    /^73 alerts about 71 addresses, from 2026-11-20 09:15:36 UTC to 2026-11-20 09:15:36 UTC\.\n\n203\.0\.113\.9: 3 × Many 404s/,
  );
  assert.match(text, 'riposte unblock 203.0.113.9');
  assert.match(text, 'This message leaves out 21 alerts, in 21 groups');
});

/** Texts with which an attacker tries to change headers, bodies, terminals and Slack. */
const EVIL =
  'x\r\nBcc: victim@example.org\r\n\r\nnew body\u0000\u001b[2J\u2028\u202e<!channel> ``` & <http://evil|here>';

test('lets no field of an alert create a header, a recipient or a line', async () => {
  const evil = readNotice(
    {
      ...notice(),
      host: EVIL,
      address: EVIL,
      user: EVIL,
      ruleId: EVIL,
      alertId: EVIL,
      location: EVIL,
      description: EVIL,
      log: [EVIL],
    },
    '1-a',
  );
  const message = messageOf({ notices: [evil] }, homeWith());
  assert.ok(isPrintable(message.subject));
  for (const line of message.text.split('\n')) assert.ok(isPrintable(line), line);
  assert.not.match(message.text, /^(?:Bcc|new body)/m);
  const mail = {
    text: (
      await writeMail({
        from: 'riposte@example.org',
        to: ['root@example.org'],
        messageId: '<1@x>',
        date: NOW,
        message,
      })
    ).toString('latin1'),
  };
  assert.equal(headerNames(mail).sort(), [
    'Auto-Submitted',
    'Content-Transfer-Encoding',
    'Content-Type',
    'Date',
    'From',
    'MIME-Version',
    'Message-ID',
    'Subject',
    'To',
  ]);
  assert.is(headerOf(mail, 'To'), 'root@example.org');
  assert.match(bodyOf(mail), 'Bcc: victim@example.org'); // only as text inside a line
  const slack = slackText(message);
  assert.not.match(slack, /[<>]/);
  assert.is(slack.match(/`/g)?.length, 6);
});

test('reads an alert of Wazuh with a control character in a field', () => {
  const line = wazuh4('add', '203.0.113.9').replace('"dstuser":"bob"', '"dstuser":"b\\u001bob\\n"');
  const { request } = readMessage(line);
  assert.is(request.address, '203.0.113.9');
  assert.is(request.user, 'b\\u001bob\\u000a');
});

test('reads the rest of an alert when a field has a wrong type', () => {
  const line = wazuh4('add', '203.0.113.9').replace('"srcip":"203.0.113.9"', '"srcip":{"a":1}');
  const { request } = readMessage(line);
  assert.equal([request.address, request.lookedAt?.at(-1)], ['', 'alert.data.srcip (object)']);
  assert.equal([request.ruleId, request.description], ['100100', 'myapp: bad thing from 203.0.113.9']);
});

test('reads the rest of an alert when its settings have a wrong type', () => {
  const line = wazuh4('add', '203.0.113.9').replace('"extra_args":[]', '"extra_args":7');
  const { request } = readMessage(line);
  assert.equal([request.address, request.ruleId, request.alertId], ['', '100100', '1795166201.0']);
  assert.match(request.description ?? '', 'parameters.extra_args is not a list of texts');
});

test('includes the earlier lines that a rule has counted', () => {
  const line = wazuh4('add', '203.0.113.9').replace('"location"', '"previous_output":"one\\ntwo","location"');
  assert.equal(readMessage(line).log.slice(1), ['one', 'two']);
});

test.run();
