import { chmod, utimes } from 'node:fs/promises';
import { type Broken, brokenSuite } from './broken.ts';
import type { HealthyTree } from './healthy.ts';

const CONF = 'etc/ossec.conf';
const OURS = /<active-response>\s*<command>(riposte-)?(route-null|firewall-drop)<.*?<\/active-response>/gs;
const append = (xml: string) => (at: HealthyTree) =>
  at.change(CONF, /$/, `<ossec_config>${xml}</ossec_config>\n`);

const cases: Broken[] = [
  {
    what: 'ossec.conf is gone',
    kind: 'ossec-agent',
    breaks: (at) => at.delete(CONF),
    found: 'PROBLEM ossec.conf',
    seen: /there is no .*ossec\.conf/,
    fix: /backup/,
  },
  {
    what: 'ossec.conf is no XML',
    kind: 'ossec-agent',
    breaks: (at) => at.change(CONF, '</client>', ''),
    found: 'PROBLEM ossec.conf',
    seen: /ossec\.conf:\d+: element 'client' of line 2 is closed by '<\/ossec_config>'/,
    fix: /mend that line/,
  },
  {
    what: 'active responses are disabled on an agent',
    kind: 'wazuh4-agent',
    breaks: (at) => at.change(CONF, '<disabled>no<', '<disabled>yes<'),
    found: 'PROBLEM ossec.conf',
    seen: /disabled on this host \(line \d+\)/,
    fix: /<disabled>no<\/disabled>/,
  },
  {
    what: 'a disabled response of somebody else turns execd off',
    breaks: append('<active-response><disabled>yes</disabled></active-response>'),
    found: 'PROBLEM ossec.conf',
    seen: /active responses are disabled on this host/,
    fix: /<disabled>no<\/disabled>/,
  },
  {
    what: 'one command is missing',
    breaks: (at) => dropping(at, 'route-null', 'route-null600'),
    found: 'warning commands',
    seen: /no <command> runs route-null\.js/,
    fix: /<name>route-null<\/name><executable>route-null\.js<\/executable><expect>srcip<\/expect>/,
  },
  {
    what: 'a stock command of the same name comes first',
    kind: 'wazuh4-server',
    breaks: async (at) => {
      await at.change(CONF, /riposte-route-null/g, 'route-null');
      await at.change(CONF, OURS, (all) => (all.includes('route-null') ? '' : all));
      await at.change('etc/shared/ar.conf', 'riposte-route-null600', 'route-null600');
    },
    found: 'PROBLEM commands',
    seen: /the <command> route-null of line \d+ is never run: the first of that name, line \d+, runs route-null$/,
    fix: /riposte-route-null/,
  },
  {
    what: 'a command expects no address',
    breaks: (at) => at.change(CONF, /(route-null\.js<\/executable>\s*<expect>)srcip/, '$1user'),
    found: 'PROBLEM commands',
    seen: /the <command> route-null, line \d+, expects no srcip/,
    fix: /<expect>srcip<\/expect>/,
  },
  {
    what: 'a response names a command that there is not',
    breaks: append(
      '<active-response><command>block-all</command><location>local</location><level>9</level></active-response>',
    ),
    found: 'PROBLEM responses',
    seen: /runs 'block-all', which no <command> is/,
    fix: /<command>/,
  },
  {
    what: 'no response runs ours',
    breaks: async (at) => at.change(CONF, OURS, ''),
    found: 'PROBLEM responses',
    seen: /no <active-response> runs a script of Riposte/,
    fix: /riposte install/,
  },
  {
    what: 'a response has a timeout that its command does not allow',
    breaks: (at) => at.change(CONF, /(firewall-drop\.js.*?<timeout_allowed>)yes/s, '$1no'),
    found: 'PROBLEM responses',
    seen: /has a <timeout>, and its command riposte-firewall-drop allows none/,
    fix: /<timeout_allowed>yes/,
  },
  {
    what: 'a response has no location',
    breaks: (at) => at.change(CONF, /(<command>route-null<\/command>\s*)<location>local<\/location>/, '$1'),
    found: 'PROBLEM responses',
    seen: /has no <location>/,
    fix: /<location>local/,
  },
  {
    what: 'a response goes to agents, and there are none',
    kind: 'ossec-local',
    breaks: async (at) => {
      await at.change(CONF, /(<command>route-null<\/command>\s*<location>)local/, '$1all');
      await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\n');
    },
    found: 'PROBLEM responses',
    seen: /runs on agents only, and there are none/,
    fix: /<location>local/,
  },
  {
    what: 'a response names neither rules nor a level',
    breaks: (at) => at.change(CONF, /<rules_id>31151,[^<]*<\/rules_id>/, ''),
    found: 'PROBLEM responses',
    seen: /names no rules and no level: it never fires/,
    fix: /<rules_id>/,
  },
  {
    what: 'a response names a rule that is not loaded',
    breaks: (at) => at.change(CONF, '<rules_id>31151,', '<rules_id>31151,117999,'),
    found: 'PROBLEM responses',
    seen: /<rules_id> of line \d+: no rule 117999 is loaded/,
    fix: /take the number out/,
  },
  {
    what: 'a response is never undone',
    breaks: async (at) => {
      await at.change(CONF, /(117076<\/rules_id>\s*)<timeout>600<\/timeout>/, '$1');
      await at.change(
        'etc/shared/ar.conf',
        'route-null600 - route-null.js - 600',
        'route-null0 - route-null.js - 0',
      );
    },
    found: 'warning responses',
    seen: /has no <timeout>: what it blocks stays blocked/,
    fix: /BLOCK_FOR=1d,7d/,
  },
  {
    what: 'the stock firewall-drop answers by level as well',
    breaks: append(
      '<active-response><command>firewall-drop</command><location>local</location><level>6</level></active-response>',
    ),
    found: 'warning responses',
    seen: /the stock firewall-drop of line \d+ also blocks, at level 6/,
    fix: /take that <active-response> out/,
  },
  {
    what: 'a file of our rules is not included',
    breaks: (at) => at.change(CONF, '<include>riposte_modsecurity.xml</include>', ''),
    found: 'PROBLEM rules',
    seen: /does not include riposte_modsecurity\.xml/,
    fix: /<include>riposte_modsecurity\.xml<\/include>/,
  },
  {
    what: 'rules that are a person’s choice may be left out',
    breaks: async (at) => {
      await at.change(CONF, '<include>riposte_web_bursts_any.xml</include>', '');
      await at.change(CONF, '<include>riposte_pingback.xml</include>', '<!-- out -->');
    },
    found: 'PROBLEM rules',
    seen: /does not include riposte_pingback\.xml/,
    fix: /<include>/,
  },
  {
    what: 'a file of rules that is included is not there',
    breaks: (at) => at.delete('rules/local_rules.xml'),
    found: 'PROBLEM rules',
    seen: /includes .*rules\/local_rules\.xml, which is not there/,
    fix: /^put it there, or take its line out$/,
  },
  {
    what: 'a file of our rules is gone',
    kind: 'wazuh4-server',
    breaks: (at) => at.delete('etc/rules/riposte_scanners.xml'),
    found: 'PROBLEM rules',
    seen: /etc\/rules has no riposte_scanners\.xml/,
    fix: /riposte install/,
  },
  {
    what: 'Wazuh does not read the directory of our rules',
    kind: 'wazuh4-server',
    breaks: (at) => at.change(CONF, '<rule_dir>etc/rules</rule_dir>', ''),
    found: 'PROBLEM rules',
    seen: /does not load riposte_active_response\.xml, .*riposte_web_bursts\.xml$/,
    fix: /<rule_dir>etc\/rules<\/rule_dir>/,
  },
  {
    what: 'a second <rules> takes the place of the first',
    breaks: append('<rules><include>web_rules.xml</include></rules>'),
    found: 'PROBLEM rules',
    seen: /a later <rules> takes the place of that of line \d+, which includes riposte_active_response\.xml, /,
    fix: /the last <rules> section/,
  },
  {
    what: 'our decoders stand behind the stock ones',
    breaks: (at) =>
      at.change(
        CONF,
        /(<decoder>etc\/riposte_decoders.xml<\/decoder>)\s*(<decoder>etc\/decoder.xml<\/decoder>)/,
        '$2$1',
      ),
    found: 'PROBLEM decoders',
    seen: /names other decoders before ours/,
    fix: /<decoder>etc\/riposte_decoders\.xml<\/decoder> as the first entry/,
  },
  {
    what: 'decoders are named, but not the local ones',
    breaks: (at) => at.write('etc/local_decoder.xml', ''),
    found: 'PROBLEM decoders',
    seen: /names decoders, but not etc\/local_decoder\.xml/,
    fix: /<decoder>etc\/local_decoder\.xml<\/decoder>/,
  },
  {
    what: 'Wazuh does not read our decoders first',
    kind: 'wazuh4-server',
    breaks: (at) => at.write('etc/decoders/0000-local_decoders.xml', ''),
    found: 'PROBLEM decoders',
    seen: /name is before 0000-riposte_decoders\.xml/,
    fix: /sorted behind 0000-riposte/,
  },
  {
    what: 'OSSEC keeps 128 events of a rule',
    breaks: (at) => at.write('etc/internal_options.conf', 'analysisd.sid_prev_matched_max=128\n'),
    found: 'warning scan memory',
    seen: /sid_prev_matched_max is 128/,
    fix: /echo 'analysisd\.sid_prev_matched_max=4096' >> .*etc\/local_internal_options\.conf/,
  },
  {
    what: 'an OSSEC that cannot be told otherwise',
    breaks: (at) => at.write('etc/internal_options.conf', '# old\n'),
    found: 'warning scan memory',
    seen: /does not say analysisd\.sid_prev_matched_max/,
    fix: /update to OSSEC 4/,
  },
  {
    what: 'ar.conf has not what ossec.conf says',
    breaks: (at) => at.change('etc/shared/ar.conf', /route-null600.*\n/, ''),
    found: 'PROBLEM ar.conf',
    seen: /ar\.conf has no route-null600/,
    fix: /bin\/ossec-control restart/,
  },
  {
    what: 'the manager asks this agent for none of ours',
    kind: 'wazuh4-agent',
    breaks: (at) => at.write('etc/shared/ar.conf', 'restart-wazuh0 - restart-wazuh - 0\n'),
    found: 'PROBLEM ar.conf',
    seen: /has none of our scripts: the manager asks this agent for none/,
    fix: /on the manager: riposte install/,
  },
  {
    what: 'an agent has no ar.conf',
    kind: 'ossec-agent',
    breaks: (at) => at.delete('etc/shared/ar.conf'),
    found: 'PROBLEM ar.conf',
    seen: /there is no .*ar\.conf/,
    fix: /bin\/ossec-control restart/,
  },
  {
    what: 'nothing reads active-responses.log',
    kind: 'ossec-agent',
    breaks: (at) => at.change(CONF, 'logs/active-responses.log', 'logs/other.log'),
    found: 'PROBLEM log is read',
    seen: /nothing reads .*active-responses\.log/,
    fix: /<localfile><log_format>syslog/,
  },
  {
    what: 'a web server’s log is not read',
    breaks: (at) => at.write('../../var/log/apache2/error.log', '', 0o644),
    found: 'warning web logs',
    seen: /apache2\/error\.log is there, and nothing reads it/,
    fix: /<log_format>apache<\/log_format><location>.*error\.log/,
  },
  {
    what: 'a web server’s log that is read is not there',
    kind: 'wazuh4-agent',
    breaks: (at) => at.delete('../../var/log/apache2/access.log'),
    found: 'warning web logs',
    seen: /logcollector is to read .*access\.log, which is not there/,
    fix: /take that <localfile> out/,
  },
  {
    what: 'the manager is named by a name that only DNS knows',
    kind: 'ossec-agent',
    breaks: (at) =>
      at.change(CONF, /<server-ip>.*<\/server-ip>/, '<server-hostname>ossec.invalid</server-hostname>'),
    found: 'warning manager address',
    seen: /the manager is ossec\.invalid \(line \d+\), which only DNS knows/,
    fix: /\/etc\/hosts/,
  },
  {
    what: 'ossec.conf has changed since the manager started',
    breaks: async (at) => {
      const long = new Date(Date.now() - 3_600_000);
      await utimes(at.pidFile('execd'), long, long);
    },
    found: 'PROBLEM processes',
    seen: /etc\/ossec\.conf has changed since ossec-execd started/,
    fix: /bin\/ossec-control restart/,
  },
  {
    what: 'a process of the manager does not run',
    kind: 'wazuh4-agent',
    breaks: (at) => chmod(at.pidFile('logcollector'), 0o640).then(() => at.stop('logcollector')),
    found: 'PROBLEM processes',
    seen: /wazuh-logcollector does not run/,
    fix: /bin\/wazuh-control restart/,
  },
  {
    what: 'execd takes times that the ledger does not know',
    kind: 'ossec-agent',
    breaks: append('<active-response><repeated_offenders >30, 2880</repeated_offenders></active-response>'),
    found: 'PROBLEM timeouts',
    seen: /execd may block for 2 days, which the ledger does not know/,
    fix: /<repeated_offenders>30,2880<\/repeated_offenders>/,
  },
  {
    what: 'more times than execd takes',
    kind: 'ossec-agent',
    breaks: append('<active-response><repeated_offenders>1,2,3,4,5,6</repeated_offenders></active-response>'),
    found: 'warning timeouts',
    seen: /execd takes five of the 6/,
    fix: /<repeated_offenders>1,2,3,4,5<\/repeated_offenders>/,
  },
  {
    what: 'BLOCK_FOR is shorter than the manager’s time',
    kind: 'ossec-agent',
    breaks: (at) => at.write('etc/riposte.conf', 'BLOCK_FOR=5m\n'),
    found: 'PROBLEM timeouts',
    seen: /lets an address go after 5 minutes, and for 10 minutes execd starts nothing/,
    fix: /BLOCK_FOR=600s/,
  },
  {
    what: 'alerts go on while ports alone are closed',
    kind: 'wazuh4-agent',
    breaks: (at) => at.write('etc/riposte.conf', 'FIREWALL_PORTS=80\n'),
    found: 'warning timeouts',
    seen: /alerts about an address can go on/,
    fix: /BLOCK_FOR=1d,7d/,
  },
];

async function dropping(at: HealthyTree, command: string, name: string): Promise<void> {
  await at.change(CONF, new RegExp(`<command>\\s*<name>${command}</name>.*?</command>`, 's'), '');
  await at.change(
    CONF,
    new RegExp(`<active-response>\\s*<command>${command}<.*?</active-response>`, 's'),
    '',
  );
  await at.change('etc/shared/ar.conf', new RegExp(`${name} .*\n`), '');
}

brokenSuite('what is wrong with a configuration', cases);
