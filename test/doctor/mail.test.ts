import { chmod } from 'node:fs/promises';
import { type Broken, brokenSuite } from './broken.ts';
import type { HealthyTree } from './healthy.ts';

const CONF = 'etc/riposte.conf';
const SECRET = 'etc/riposte.mail';
const SPOOL = 'var/riposte/spool';
const TOLD = 'MAIL_TO=root@example.org\n';

const letter = (id: string): string =>
  JSON.stringify({ channel: 'mail', messageId: `<${id}@x>`, notices: [], done: [], refused: {} });

const alert = (time: string): string => JSON.stringify({ time, host: 'www1', log: [] });

async function letters(at: HealthyTree, directory: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await at.tree.write(`${SPOOL}/${directory}/${n}.json`, letter(String(n)));
}

const cases: Broken[] = [
  {
    what: 'ossec.conf runs the e-mail hook, but its script is missing',
    breaks: async (at) => {
      const command =
        '<command><name>riposte-email-alert</name><executable>email-alert.js</executable><expect></expect></command>';
      await at.change('etc/ossec.conf', '<ossec_config>', `<ossec_config>${command}`);
      await at.delete('active-response/bin/email-alert.js');
    },
    finding: 'PROBLEM scripts',
    seen: /there is no .*email-alert\.js/,
    fix: /riposte install/,
  },
  {
    what: 'other users can read the credentials',
    breaks: async (at) => {
      await at.write(CONF, TOLD);
      await at.write(SECRET, 'USER=a\nPASSWORD=b\n', 0o640);
    },
    finding: 'PROBLEM mail',
    seen: /riposte\.mail can be read by accounts other than root.*: Riposte sends nothing until you correct it/,
    fix: /chown root .*riposte\.mail && chmod 600/,
  },
  {
    what: 'the template for the webhook is missing',
    breaks: (at) => at.write(CONF, `${TOLD}MAIL_WEBHOOK_BODY=/nowhere/body.json\n`),
    finding: 'PROBLEM mail',
    seen: /MAIL_WEBHOOK_BODY: \/nowhere\/body\.json does not exist: Riposte sends nothing/,
    fix: /riposte mail --test/,
  },
  {
    what: 'a setting for mail is invalid, but blocks still work',
    breaks: (at) => at.write(CONF, `${TOLD}MAIL_SERVER=mail.example.org\n`),
    finding: 'PROBLEM mail',
    seen: /riposte\.conf:2: MAIL_SERVER is 'mail\.example\.org', but must be .*: Riposte sends no mail/,
    fix: /correct that line/,
  },
  {
    what: 'alerts wait, but no recipient is set',
    breaks: (at) => at.write(`${SPOOL}/new/1.json`, alert(new Date().toISOString())),
    finding: 'PROBLEM mail',
    seen: /1 alert waits, but no recipient is set/,
    fix: /MAIL_TO/,
  },
  {
    what: 'an alert was never sent',
    breaks: async (at) => {
      await at.write(CONF, TOLD);
      await at.write(`${SPOOL}/new/1.json`, alert('2026-01-02T03:04:05.000Z'));
    },
    finding: 'PROBLEM mail',
    seen: /an alert of 2026-01-02 03:04:05 UTC was never sent/,
    fix: /riposte mail --send/,
  },
  {
    what: 'the mail server does not answer',
    breaks: async (at) => {
      await at.write(CONF, TOLD);
      const trouble = { trouble: 'connect ECONNREFUSED', since: '2026-01-02T03:04:05.000Z' };
      await at.write(`${SPOOL}/state`, JSON.stringify({ mail: trouble }));
    },
    finding: 'PROBLEM mail',
    seen: /Riposte could send no message since 2026-01-02 03:04:05 UTC: connect ECONNREFUSED/,
    fix: /riposte mail --test/,
  },
  {
    what: 'the spool grows',
    breaks: async (at) => {
      await at.write(CONF, TOLD);
      await letters(at, 'mail', 101);
    },
    finding: 'warning mail',
    seen: /101 messages wait/,
    fix: /riposte mail/,
  },
  {
    what: 'a server has refused messages',
    breaks: async (at) => {
      await at.write(CONF, TOLD);
      await at.write(SECRET, '', 0o600);
      await chmod(at.tree.path(SECRET), 0o600);
      await letters(at, 'failed', 2);
    },
    finding: 'warning mail',
    seen: /2 messages were refused for good/,
    fix: /riposte mail --retry/,
  },
];

brokenSuite('mistakes in the mail set-up', cases);
