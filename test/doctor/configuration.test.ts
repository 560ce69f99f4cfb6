import { createHash } from 'node:crypto';
import { chmod, utimes } from 'node:fs/promises';
import { type Broken, brokenSuite } from './broken.ts';
import type { HealthyTree } from './healthy.ts';

const CONF = 'etc/ossec.conf';
const OURS = /<active-response>\s*<command>(riposte-)?(route-null|firewall-drop)<.*?<\/active-response>/gs;
const append = (xml: string) => (at: HealthyTree) =>
  at.change(CONF, /$/, `<ossec_config>${xml}</ossec_config>\n`);

const cases: Broken[] = [
  {
    what: 'nothing reads active-responses.log',
    kind: 'wazuh5-agent',
    breaks: (at) => at.change(CONF, '/var/ossec/logs/active-responses.log', '/var/log/messages'),
    finding: 'PROBLEM log is read',
    seen: /nothing reads .*active-responses\.log/,
    fix: /<localfile><log_format>syslog</,
  },
  {
    what: 'nothing reads the alerts of riposte serve',
    kind: 'wazuh5-agent',
    breaks: async (at) => {
      await at.tree.write('logs/riposte-alerts.log', '', 0o640);
      await at.restart();
    },
    finding: 'warning log is read',
    seen: /nothing reads .*riposte-alerts\.log: Wazuh does not show the alerts of riposte serve/,
    fix: /<location>.*riposte-alerts\.log</,
  },
  {
    what: 'nothing reads the web server’s log',
    kind: 'wazuh5-agent',
    breaks: async (at) => {
      await at.tree.write('../log/nginx/access.log', '');
      await at.restart();
    },
    finding: 'warning web logs',
    seen: /nginx\/access\.log exists, but nothing reads it/,
    fix: /<localfile>/,
  },
  {
    what: 'an agent’s execd reads a time in repeated_offenders that the response does not read',
    kind: 'wazuh5-agent',
    breaks: (at) =>
      at.change(
        'etc/ossec.conf',
        '<disabled>no</disabled>\n    <ca_store>',
        '<repeated_offenders>30, 60x</repeated_offenders>\n    <ca_store>',
      ),
    finding: 'PROBLEM timeouts',
    seen: /execd may block for/,
    fix: /write it as <repeated_offenders>30,60</,
  },
  {
    what: 'the master of a cluster has not copied a rule to this worker',
    kind: 'wazuh4-server',
    breaks: async (at) => {
      await at.change(
        'etc/ossec.conf',
        '<ossec_config>',
        '<ossec_config><cluster><node_type>worker</node_type></cluster>',
      );
      await at.delete('etc/rules/riposte_scanners.xml');
    },
    finding: 'PROBLEM cluster',
    also: ['PROBLEM rules'],
    seen: /the master has not copied riposte_scanners\.xml/,
    fix: /^riposte install on the master, then riposte install --worker here$/,
  },
  {
    what: 'ossec.conf is gone',
    kind: 'ossec-agent',
    breaks: (at) => at.delete(CONF),
    finding: 'PROBLEM ossec.conf',
    seen: /there is no .*ossec\.conf/,
    fix: /backup/,
  },
  {
    what: 'ossec.conf is not valid XML',
    kind: 'ossec-agent',
    breaks: (at) => at.change(CONF, '</client>', ''),
    finding: 'PROBLEM ossec.conf',
    seen: /ossec\.conf:\d+: element 'client' of line 2 is closed by '<\/ossec_config>'/,
    fix: /correct that line/,
  },
  {
    what: 'active responses are disabled on an agent',
    kind: 'wazuh4-agent',
    breaks: (at) => at.change(CONF, '<disabled>no<', '<disabled>yes<'),
    finding: 'PROBLEM ossec.conf',
    seen: /disabled on this host \(line \d+\)/,
    fix: /<disabled>no<\/disabled>/,
  },
  {
    what: 'a disabled response of another program turns execd off',
    breaks: append('<active-response><disabled>yes</disabled></active-response>'),
    finding: 'PROBLEM ossec.conf',
    seen: /active responses are disabled on this host/,
    fix: /<disabled>no<\/disabled>/,
  },
  {
    what: 'one command is missing',
    breaks: (at) => dropping(at, 'route-null', 'route-null600'),
    finding: 'warning commands',
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
    finding: 'PROBLEM commands',
    seen: /the manager never runs the <command> route-null of line \d+: the first <command> of that name, line \d+, runs route-null$/,
    fix: /riposte-route-null/,
  },
  {
    what: 'a command expects no address',
    breaks: (at) => at.change(CONF, /(route-null\.js<\/executable>\s*<expect>)srcip/, '$1user'),
    finding: 'PROBLEM commands',
    seen: /the <command> route-null, line \d+, expects no srcip/,
    fix: /<expect>srcip<\/expect>/,
  },
  {
    what: 'a response names a command that does not exist',
    breaks: append(
      '<active-response><command>block-all</command><location>local</location><level>9</level></active-response>',
    ),
    finding: 'PROBLEM responses',
    seen: /runs 'block-all', but no <command> has that name/,
    fix: /<command>/,
  },
  {
    what: 'no response runs a script of Riposte',
    breaks: async (at) => at.change(CONF, OURS, ''),
    finding: 'PROBLEM responses',
    seen: /no <active-response> runs a script of Riposte/,
    fix: /riposte install/,
  },
  {
    what: 'a response has a timeout that its command does not allow',
    breaks: (at) => at.change(CONF, /(firewall-drop\.js.*?<timeout_allowed>)yes/s, '$1no'),
    finding: 'PROBLEM responses',
    seen: /has a <timeout>, but its command riposte-firewall-drop allows none/,
    fix: /<timeout_allowed>yes/,
  },
  {
    what: 'a response has no location',
    breaks: (at) => at.change(CONF, /(<command>route-null<\/command>\s*)<location>local<\/location>/, '$1'),
    finding: 'PROBLEM responses',
    seen: /has no <location>/,
    fix: /<location>local/,
  },
  {
    what: 'a response runs on agents only, but there are none',
    kind: 'ossec-local',
    breaks: async (at) => {
      await at.change(CONF, /(<command>route-null<\/command>\s*<location>)local/, '$1all');
      await at.write('etc/riposte.conf', 'BLOCK_FOR=1d,7d\n');
    },
    finding: 'PROBLEM responses',
    seen: /runs on agents only, but there are none/,
    fix: /<location>local/,
  },
  {
    what: 'a response names neither rules nor a level',
    breaks: (at) => at.change(CONF, /<rules_id>117073,[^<]*<\/rules_id>/, ''),
    finding: 'PROBLEM responses',
    seen: /names no rules and no level: it never fires/,
    fix: /<rules_id>/,
  },
  {
    what: 'a response names a rule that is not loaded',
    breaks: (at) => at.change(CONF, '<rules_id>117073,', '<rules_id>117073,117999,'),
    finding: 'PROBLEM responses',
    seen: /<rules_id> of line \d+: no rule 117999 is loaded/,
    fix: /remove the number/,
  },
  {
    what: 'a response is never undone',
    breaks: async (at) => {
      await at.change(CONF, /(117078<\/rules_id>\s*)<timeout>600<\/timeout>/, '$1');
      await at.change(
        'etc/shared/ar.conf',
        'route-null600 - route-null.js - 600',
        'route-null0 - route-null.js - 0',
      );
    },
    finding: 'warning responses',
    seen: /has no <timeout>: its blocks last until an operator unblocks them/,
    fix: /BLOCK_FOR=1d,7d/,
  },
  {
    what: 'the stock firewall-drop blocks by level, too',
    breaks: append(
      '<active-response><command>firewall-drop</command><location>local</location><level>6</level></active-response>',
    ),
    finding: 'warning responses',
    seen: /the stock response firewall-drop of line \d+ also answers alerts from level 6 on/,
    fix: /remove that <active-response>/,
  },
  {
    what: 'a file of Riposte’s rules is not included',
    breaks: (at) => at.change(CONF, '<include>riposte_modsecurity.xml</include>', ''),
    finding: 'PROBLEM rules',
    seen: /does not include riposte_modsecurity\.xml/,
    fix: /<include>riposte_modsecurity\.xml<\/include>/,
  },
  {
    what: 'ossec.conf includes neither a required rules file nor an optional one',
    breaks: async (at) => {
      await at.change(CONF, '<include>riposte_web_bursts_any.xml</include>', '');
      await at.change(CONF, '<include>riposte_pingback.xml</include>', '<!-- out -->');
    },
    finding: 'PROBLEM rules',
    seen: /does not include riposte_pingback\.xml/,
    fix: /<include>/,
  },
  {
    what: 'ossec.conf includes a file of rules that does not exist',
    breaks: (at) => at.delete('rules/local_rules.xml'),
    finding: 'PROBLEM rules',
    seen: /includes .*rules\/local_rules\.xml, which does not exist/,
    fix: /^restore the file, or remove its line$/,
  },
  {
    what: 'a file of Riposte’s rules is gone',
    kind: 'wazuh4-server',
    breaks: (at) => at.delete('etc/rules/riposte_scanners.xml'),
    finding: 'PROBLEM rules',
    seen: /etc\/rules has no riposte_scanners\.xml/,
    fix: /riposte install/,
  },
  {
    what: 'Wazuh does not read the directory of Riposte’s rules',
    kind: 'wazuh4-server',
    breaks: (at) => at.change(CONF, '<rule_dir>etc/rules</rule_dir>', ''),
    finding: 'PROBLEM rules',
    seen: /does not load riposte_active_response\.xml, .*riposte_web_bursts\.xml$/,
    fix: /<rule_dir>etc\/rules<\/rule_dir>/,
  },
  {
    what: 'a second <rules> replaces the first',
    breaks: append('<rules><include>web_rules.xml</include></rules>'),
    finding: 'PROBLEM rules',
    seen: /a later <rules> replaces the section of line \d+, which includes riposte_active_response\.xml, /,
    fix: /the last <rules> section/,
  },
  {
    what: 'Riposte’s decoders come after the stock decoders',
    breaks: (at) =>
      at.change(
        CONF,
        /(<decoder>etc\/riposte_decoders.xml<\/decoder>)\s*(<decoder>etc\/decoder.xml<\/decoder>)/,
        '$2$1',
      ),
    finding: 'PROBLEM decoders',
    seen: /names other decoders before Riposte’s/,
    fix: /<decoder>etc\/riposte_decoders\.xml<\/decoder> as the first entry/,
  },
  {
    what: 'ossec.conf names decoders, but not the local decoders',
    breaks: (at) => at.write('etc/local_decoder.xml', ''),
    finding: 'PROBLEM decoders',
    seen: /names decoders, but not etc\/local_decoder\.xml/,
    fix: /<decoder>etc\/local_decoder\.xml<\/decoder>/,
  },
  {
    what: 'Wazuh does not read Riposte’s decoders first',
    kind: 'wazuh4-server',
    breaks: (at) => at.write('etc/decoders/0000-local_decoders.xml', ''),
    finding: 'PROBLEM decoders',
    seen: /name sorts before 0000-riposte_decoders\.xml/,
    fix: /sorts after 0000-riposte/,
  },
  {
    what: 'OSSEC keeps 128 events per rule',
    breaks: (at) => at.write('etc/internal_options.conf', 'analysisd.sid_prev_matched_max=128\n'),
    finding: 'warning scan memory',
    seen: /sid_prev_matched_max is 128/,
    fix: /echo 'analysisd\.sid_prev_matched_max=4096' >> .*etc\/local_internal_options\.conf/,
  },
  {
    what: 'this OSSEC cannot keep more events per rule',
    breaks: (at) => at.write('etc/internal_options.conf', '# old\n'),
    finding: 'warning scan memory',
    seen: /has no analysisd\.sid_prev_matched_max/,
    fix: /update to OSSEC 4/,
  },
  {
    what: 'ar.conf lacks a response of ossec.conf',
    breaks: (at) => at.change('etc/shared/ar.conf', /route-null600.*\n/, ''),
    finding: 'PROBLEM ar.conf',
    seen: /ar\.conf has no route-null600/,
    fix: /bin\/ossec-control restart/,
  },
  {
    what: 'the server’s list of responses names no script of Riposte',
    kind: 'wazuh4-agent',
    breaks: (at) => at.write('etc/shared/ar.conf', 'restart-wazuh0 - restart-wazuh - 0\n'),
    finding: 'PROBLEM ar.conf',
    seen: /ar\.conf, the server’s list of responses, names no script of Riposte/,
    fix: /on the manager: riposte install/,
  },
  {
    what: 'an agent that has run for a long time has no ar.conf',
    kind: 'ossec-agent',
    breaks: async (at) => {
      await at.delete('etc/shared/ar.conf');
      const early = new Date(Date.now() - 3_600_000);
      await utimes(at.tree.path(CONF), early, early);
      for (const name of ['agentd', 'execd', 'logcollector']) await utimes(at.pidFile(name), early, early);
    },
    finding: 'PROBLEM ar.conf',
    seen: /there is no .*ar\.conf: the server has not sent/,
    fix: /bin\/ossec-control restart/,
  },
  {
    what: 'an agent that has just started has no ar.conf',
    kind: 'ossec-agent',
    breaks: (at) => at.delete('etc/shared/ar.conf'),
    finding: 'warning ar.conf',
    seen: /there is no .*ar\.conf yet/,
    fix: /again in a few minutes/,
  },
  {
    what: 'the server has not heard from an agent since its start',
    breaks: async (at) => {
      await at.write(
        'etc/client.keys',
        '001 web 192.0.2.2 KEY\n002 db any KEY\n003 gone 192.0.2.4 KEY\n004 #*#*old 192.0.2.5 KEY\n',
      );
      await at.runAlso('ossec', 'remoted');
      const heard = (name: string, seconds: number) =>
        at.tree
          .write(`queue/agent-info/${name}`, '')
          .then(() =>
            utimes(
              at.tree.path(`queue/agent-info/${name}`),
              Date.now() / 1000 + seconds,
              Date.now() / 1000 + seconds,
            ),
          );
      await heard('web-192.0.2.2', -60);
      await heard('db-any', 5);
      await heard('gone-192.0.2.4', -86_400);
    },
    finding: 'warning agents',
    seen: /since its start, the server has received no message from web: this agent runs no response/,
    fix: /on each of these agents: .*ossec-control restart/,
  },
  {
    what: 'a rules file was edited, and another file of the installation is gone',
    breaks: async (at) => {
      const file = '/var/ossec/rules/riposte_scanners.xml';
      const hash = createHash('sha256')
        .update(await at.tree.read('rules/riposte_scanners.xml'))
        .digest('hex');
      await at.tree.write(
        'var/riposte/installed.json',
        JSON.stringify({ files: { [file]: [hash], '/usr/local/share/x': ['0'] } }),
      );
      await at.change('rules/riposte_scanners.xml', /$/, '<!-- mine -->\n');
    },
    finding: 'PROBLEM files',
    also: ['warning files'],
    seen: /\/usr\/local\/share\/x was installed, but is missing now/,
    fix: /riposte install --home \S+ puts it back/,
  },
  {
    what: 'nothing reads active-responses.log',
    kind: 'ossec-agent',
    breaks: (at) => at.change(CONF, 'logs/active-responses.log', 'logs/other.log'),
    finding: 'PROBLEM log is read',
    seen: /nothing reads .*active-responses\.log/,
    fix: /<localfile><log_format>syslog/,
  },
  {
    what: 'nothing reads a web server’s log',
    kind: 'ossec-agent',
    breaks: (at) => at.write('../../var/log/apache2/error.log', '', 0o644),
    finding: 'warning web logs',
    seen: /apache2\/error\.log exists, but nothing reads it/,
    fix: /<log_format>apache<\/log_format><location>.*error\.log/,
  },
  {
    what: 'an OSSEC server reads an error log',
    breaks: async (at) => {
      await at.write('../../var/log/apache2/error.log', '', 0o644);
      await at.change(CONF, 'apache2/access.log', 'apache2/*.log');
    },
    finding: 'PROBLEM long lines',
    seen: /apache2\/\S*\.log is an error log, and an OSSEC server cannot tell it/,
    fix: /remove its <localfile> from .*riposte serve --alerts/,
  },
  {
    what: 'ossec.conf names a log that does not exist',
    kind: 'wazuh4-agent',
    breaks: (at) => at.delete('../../var/log/apache2/access.log'),
    finding: 'warning web logs',
    seen: /a <localfile> names .*access\.log, which does not exist/,
    fix: /remove that <localfile>/,
  },
  {
    what: 'ossec.conf names the manager by a name that only DNS can resolve',
    kind: 'ossec-agent',
    breaks: (at) =>
      at.change(CONF, /<server-ip>.*<\/server-ip>/, '<server-hostname>ossec.invalid</server-hostname>'),
    finding: 'warning manager address',
    seen: /the manager is ossec\.invalid \(line \d+\), which only DNS can resolve/,
    fix: /\/etc\/hosts/,
  },
  {
    what: 'ossec.conf has changed since the manager started',
    breaks: async (at) => {
      const long = new Date(Date.now() - 3_600_000);
      await utimes(at.pidFile('execd'), long, long);
    },
    finding: 'PROBLEM processes',
    seen: /etc\/ossec\.conf has changed since ossec-execd started/,
    fix: /bin\/ossec-control restart/,
  },
  {
    what: 'a process of the manager does not run',
    kind: 'wazuh4-agent',
    breaks: (at) => chmod(at.pidFile('logcollector'), 0o640).then(() => at.stop('logcollector')),
    finding: 'PROBLEM processes',
    seen: /wazuh-logcollector does not run/,
    fix: /bin\/wazuh-control restart/,
  },
  {
    what: 'execd reads times that Riposte does not read',
    kind: 'ossec-agent',
    breaks: append('<active-response><repeated_offenders >30, 2880</repeated_offenders></active-response>'),
    finding: 'PROBLEM timeouts',
    seen: /execd may block for 2 days, a time that the ledger does not know/,
    fix: /<repeated_offenders>30,2880<\/repeated_offenders>/,
  },
  {
    what: 'ossec.conf has more times than execd reads',
    kind: 'ossec-agent',
    breaks: append('<active-response><repeated_offenders>1,2,3,4,5,6</repeated_offenders></active-response>'),
    finding: 'warning timeouts',
    seen: /execd reads only the first five of the 6/,
    fix: /<repeated_offenders>1,2,3,4,5<\/repeated_offenders>/,
  },
  {
    what: 'BLOCK_FOR is shorter than the manager’s timeout',
    kind: 'ossec-agent',
    breaks: (at) => at.write('etc/riposte.conf', 'BLOCK_FOR=5m\n'),
    finding: 'PROBLEM timeouts',
    seen: /unblocks an address after 5 minutes, but execd ignores alerts about it for 10 minutes/,
    fix: /BLOCK_FOR=600s/,
  },
  {
    what: 'alerts continue because only ports are closed',
    kind: 'wazuh4-agent',
    breaks: (at) => at.write('etc/riposte.conf', 'FIREWALL_PORTS=80\n'),
    finding: 'warning timeouts',
    seen: /alerts about an address can continue/,
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

brokenSuite('mistakes in a configuration', cases);
