import { chmod, chown, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { directoryOfPrograms } from '../active-response/support.ts';
import { GROUP } from '../lab/manager-tree.ts';
import { PATH } from '../lab/tools.ts';
import { type Broken, brokenSuite } from './broken.ts';
import type { HealthyTree } from './healthy.ts';

const BIN = 'active-response/bin';
const DROP = `${BIN}/firewall-drop.js`;
const LOG = 'logs/active-responses.log';
const LEDGER = 'var/riposte/blocks/firewall-drop';

/** Gives all scripts another interpreter. */
const interpretedBy = (at: HealthyTree, node: string) => withLine(at, /^node=.*$/m, `node=${node}`);

async function withLine(at: HealthyTree, old: RegExp, line: string): Promise<void> {
  for (const name of ['firewall-drop', 'route-null', 'apache-deny'])
    await at.change(`${BIN}/${name}.js`, old, line, 0o550);
}

const block = (some: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ address: '203.0.113.7', response: 'firewall-drop', backend: 'nftables', since: '2026-01-02T03:04:05.000Z', until: null, offence: 1, ...some })}\n`;

/** Makes a server behind a proxy, with an Apache that uses Riposte's map. */
async function behindProxy(at: HealthyTree, site: string): Promise<void> {
  const map = join(at.tree.root, 'srv/deny.map');
  await at.write('../../srv/deny.map', '', 0o644);
  await chmod(join(at.tree.root, 'srv'), 0o755);
  await at.write('etc/riposte.conf', `APACHE_FILE=${map}\n`);
  const apache = '../../etc/apache2';
  await at.write(
    `${apache}/mods-enabled/rewrite.load`,
    'LoadModule rewrite_module /usr/lib/mod_rewrite.so\n',
  );
  await at.write(`${apache}/conf-enabled/riposte.conf`, `RewriteMap riposte "txt:${map}"\n`);
  await at.write(`${apache}/sites-enabled/site.conf`, site);
}

const SITE = '<VirtualHost *:80>\n  RewriteEngine On\n</VirtualHost>\n';

/** Lines of the journal: one request of Wazuh an hour ago, and then this many requests within seconds. */
const requests = (count: number): string =>
  [-3600, ...Array(count).keys()]
    .map((tenth) => {
      const time = new Date(Date.now() - 60_000 + tenth * 100).toISOString();
      return `${JSON.stringify({ time, event: 'blocked', command: 'add', protocol: 'wazuh4', address: '203.0.113.9' })}\n`;
    })
    .join('');

const cases: Broken[] = [
  {
    what: 'the daemon is gone, and another process has its pid',
    breaks: (at) => at.write('var/riposte/respond/pid', `${process.pid} 1\n`),
    finding: 'warning respond',
    seen: /process \d+, which answered the scripts, is gone/,
    fix: /systemctl restart riposte-respond/,
  },
  {
    what: 'many requests came within seconds, and each started Node',
    kind: 'wazuh4-agent',
    breaks: (at) => at.write('var/riposte/events.jsonl', requests(25)),
    finding: 'warning respond',
    seen: /the manager sent 25 requests within 10 seconds: each alert starts Node/,
    fix: /^riposte install --respond$/,
  },
  {
    what: 'a script is missing',
    kind: 'ossec-agent',
    breaks: (at) => at.delete(DROP),
    finding: 'PROBLEM scripts',
    seen: /there is no .*firewall-drop\.js/,
    fix: /riposte install --home \/\S+\/var\/ossec$/,
  },
  {
    what: 'a script cannot be run',
    breaks: (at) => chmod(at.tree.path(DROP), 0o440),
    finding: 'PROBLEM scripts',
    seen: /firewall-drop\.js is 0440: execd cannot run it/,
    fix: /chown root:daemon .*firewall-drop\.js && chmod 0550/,
  },
  {
    what: 'other users can change a script',
    kind: 'wazuh4-agent',
    breaks: (at) => chmod(at.tree.path(DROP), 0o770),
    finding: 'PROBLEM scripts',
    seen: /firewall-drop\.js is 0770: users other than root can change a script that root runs/,
    fix: /chmod 0750/,
  },
  {
    what: 'a script belongs to another user',
    breaks: (at) => chown(at.tree.path(DROP), 1, GROUP),
    finding: 'PROBLEM scripts',
    seen: /firewall-drop\.js belongs to user 1/,
    fix: /chown root:daemon/,
  },
  {
    what: 'a script belongs to another group',
    breaks: (at) => chown(at.tree.path(DROP), 0, 0),
    finding: 'warning scripts',
    seen: /firewall-drop\.js is of group root, but the manager’s files are of daemon/,
    fix: /chown root:daemon/,
  },
  {
    what: 'any user can replace the scripts',
    breaks: (at) => chmod(at.tree.path(BIN), 0o777),
    finding: 'PROBLEM scripts',
    seen: /active-response\/bin is 0777: any user can replace the scripts/,
    fix: /chmod o-w/,
  },
  {
    what: 'the interpreter does not exist',
    breaks: (at) => interpretedBy(at, '/opt/node/bin/node'),
    finding: 'PROBLEM interpreter',
    seen: /the interpreter is \/opt\/node\/bin\/node: that file does not exist/,
    fix: /sed -i -e "1s\|\^#!\.\*node\.\*\|#!\$\(command -v node\)\|" -e "s\|\^node=\.\*\|node=\$\(command -v node\)\|"/,
  },
  {
    what: 'the first line of a script ends with a carriage return',
    breaks: (at) => withLine(at, /^#!.*/, '#!/bin/sh\r'),
    finding: 'PROBLEM interpreter',
    seen: /does not begin with #! and an interpreter/,
    fix: /riposte install/,
  },
  {
    what: 'Node is too old',
    breaks: async (at) => {
      const old = directoryOfPrograms({ node: 'echo v18.19.0' });
      await interpretedBy(at, `${old}/node`);
    },
    finding: 'PROBLEM interpreter',
    seen: /is Node 18\.19\.0; Riposte needs 20\.12 or newer/,
    fix: /install a newer Node/,
  },
  {
    what: 'the PATH of the service has no node',
    kind: 'ossec-agent',
    breaks: async (at) => {
      await interpretedBy(at, 'node');
      await at.restartExecd('ossec', directoryOfPrograms({ ip: 'exit 0', nft: 'exit 0' }));
    },
    finding: 'PROBLEM interpreter',
    seen: /the interpreter is node: PATH of the service \(execd's, process \d+: .*\) has no node/,
    fix: /sed -i/,
  },
  {
    what: 'a script relies on env to find Node',
    kind: 'ossec-agent',
    breaks: (at) => interpretedBy(at, 'node'),
    finding: 'warning interpreter',
    seen: /env searches for node in a PATH \(execd's, process \d+\)/,
    fix: /sed -i/,
  },
  {
    what: 'a script was edited',
    breaks: (at) => at.change(DROP, /$/, '// edited\n', 0o550),
    finding: 'warning version',
    seen: /firewall-drop\.js is not this program’s script/,
    fix: /riposte install/,
  },
  {
    what: 'riposte.conf has a wrong line',
    breaks: (at) => at.write('etc/riposte.conf', 'BLOCKFOR=1d\n'),
    finding: 'PROBLEM riposte.conf',
    seen: /riposte\.conf:1: unknown key BLOCKFOR: Riposte blocks nobody/,
    fix: /correct that line/,
  },
  {
    what: 'riposte.conf sets a key twice',
    breaks: (at) => at.write('etc/riposte.conf', 'BLOCK_FOR=1d\n# BLOCK_FOR=2d\nBLOCK_FOR=3d\n'),
    finding: 'warning riposte.conf',
    seen: /riposte\.conf sets BLOCK_FOR in lines 1, 3: only line 3 counts/,
    fix: /into one line/,
  },
  {
    what: 'riposte.allow has a wrong line',
    breaks: (at) => at.write('etc/riposte.allow', '203.0.113.0/24\nmy office\n'),
    finding: 'PROBLEM riposte.allow',
    seen: /riposte\.allow:2: 'my office' is not an address, a prefix or a host name/,
    fix: /correct that line/,
  },
  {
    what: 'the allow list lacks the operator’s own address',
    breaks: (at) => at.write('etc/riposte.allow', '203.0.113.0/28\n'),
    env: { PATH, SSH_CONNECTION: '203.0.113.77 50000 198.51.100.1 22' },
    finding: 'PROBLEM riposte.allow',
    seen: /you are logged in from 203\.0\.113\.77, and a response could block this address/,
    fix: /^riposte allow 203\.0\.113\.77$/,
  },
  {
    what: 'the PATH of the service has none of the programs that the scripts need',
    kind: 'ossec-agent',
    breaks: (at) => at.restartExecd('ossec', '/usr/local/none'),
    finding: 'PROBLEM PATH',
    also: ['PROBLEM backends', 'PROBLEM backends'],
    seen: /ip is not in the PATH of the service \(execd's, process \d+: \/usr\/local\/none\)/,
    fix: /systemctl edit ossec-agent: \[Service\] Environment=PATH=.*\/usr\/sbin/,
  },
  {
    what: 'the chosen firewall is not installed',
    kind: 'wazuh4-agent',
    breaks: async (at) => {
      await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=nftables\n');
      const path = directoryOfPrograms({ ip: 'exit 0' });
      await at.restartExecd('wazuh', path);
    },
    finding: 'PROBLEM backends',
    seen: /firewall-drop cannot block: nft is not in PATH/,
    fix: /apt install nftables, or give the service a PATH/,
  },
  {
    what: 'the firewall refuses',
    kind: 'wazuh4-agent',
    breaks: async (at) => {
      const nft = 'echo "Error: Could not process rule: Protocol not supported" >&2; exit 1';
      await at.restartExecd('wazuh', directoryOfPrograms({ ip: 'exit 0', nft }));
    },
    finding: 'PROBLEM backends',
    seen: /firewall-drop cannot block: nft: Error: Could not process rule: Protocol not supported/,
    fix: /FIREWALL_BACKEND/,
  },
  {
    what: 'apache-deny’s file does not exist',
    breaks: (at) => at.write('etc/riposte.conf', `APACHE_FILE=${at.tree.root}/srv/deny.map\n`),
    finding: 'PROBLEM apache',
    seen: /there is no .*deny\.map: Apache does not start/,
    fix: /install -D -m 644/,
  },
  {
    what: 'Apache’s user cannot read the map',
    breaks: async (at) => {
      await behindProxy(at, SITE);
      await chmod(join(at.tree.root, 'srv/deny.map'), 0o600);
    },
    finding: 'PROBLEM apache',
    seen: /Apache’s user cannot read .*deny\.map/,
    fix: /chmod 644/,
  },
  {
    what: 'Apache’s user cannot reach the map',
    breaks: async (at) => {
      await behindProxy(at, SITE);
      await chmod(join(at.tree.root, 'srv'), 0o750);
    },
    finding: 'PROBLEM apache',
    seen: /Apache’s user cannot enter .*srv/,
    fix: /APACHE_FILE=/,
  },
  {
    what: 'a virtual host does not rewrite',
    breaks: (at) => behindProxy(at, `${SITE}\n<VirtualHost *:443>\n  # RewriteEngine On\n</VirtualHost>\n`),
    finding: 'PROBLEM apache',
    seen: /site\.conf:5: this virtual host does not rewrite/,
    fix: /RewriteEngine On/,
  },
  {
    what: 'Apache’s configuration does not name the map',
    breaks: async (at) => {
      await behindProxy(at, SITE);
      await rm(join(at.tree.root, 'etc/apache2/conf-enabled/riposte.conf'));
    },
    finding: 'PROBLEM apache',
    seen: /nothing in Apache’s configuration names .*deny\.map/,
    fix: /a2enconf riposte/,
  },
  {
    what: 'Apache does not load mod_rewrite',
    breaks: async (at) => {
      await behindProxy(at, SITE);
      await rm(join(at.tree.root, 'etc/apache2/mods-enabled/rewrite.load'));
    },
    finding: 'PROBLEM apache',
    seen: /Apache does not load mod_rewrite/,
    fix: /a2enmod rewrite/,
  },
  {
    what: 'nothing runs the sweep',
    breaks: (at) => at.delete('../../etc/cron.d/riposte'),
    finding: 'warning timer',
    seen: /nothing runs the sweep/,
    fix: /riposte install/,
  },
  {
    what: 'the timer is not enabled',
    breaks: async (at) => {
      await at.delete('../../etc/cron.d/riposte');
      await at.write('../../etc/systemd/system/riposte-sweep.timer', '[Timer]\n');
    },
    finding: 'warning timer',
    seen: /riposte-sweep\.timer is not enabled/,
    fix: /systemctl enable --now riposte-sweep\.timer/,
  },
  {
    what: 'an entry of the ledger is damaged',
    breaks: (at) => at.write(`${LEDGER}/203.0.113.7.json`, '{"address":'),
    finding: 'PROBLEM ledger',
    seen: /blocks\/firewall-drop\/203\.0\.113\.7\.json holds no valid block/,
    fix: /riposte sweep/,
  },
  {
    what: 'a block has failed',
    breaks: (at) => at.write(`${LEDGER}/203.0.113.7.json`, block({ failed: 'nft: too slow' })),
    finding: 'warning ledger',
    seen: /firewall-drop could not block 203\.0\.113\.7: nft: too slow/,
    fix: /riposte sweep/,
  },
  {
    what: 'many blocks have failed',
    breaks: async (at) => {
      for (const last of [7, 8, 9]) {
        const address = `203.0.113.${last}`;
        await at.write(`${LEDGER}/${address}.json`, block({ address, failed: 'no' }));
      }
    },
    finding: 'warning ledger',
    seen: /firewall-drop could not block 203\.0\.113\.\d: no; and 2 more/,
    fix: /riposte sweep/,
  },
  {
    what: 'the server asks an agent with Apache for apache-deny, but apache-deny’s file does not exist',
    kind: 'ossec-agent',
    breaks: async (at) => {
      await at.change('etc/shared/ar.conf', /$/, 'apache-deny600 - apache-deny.js - 600\n');
      await at.write('../../etc/apache2/apache2.conf', '');
    },
    finding: 'PROBLEM apache',
    seen: /there is no .*var\/riposte\/apache\/deny\.map/,
    fix: /^set APACHE_FILE=\/var\/lib\/riposte\/apache\/deny\.map in .*riposte\.conf; install -D .*\/lib\/.*restart Apache$/,
  },
  {
    what: 'the log does not exist',
    kind: 'ossec-agent',
    breaks: (at) => at.delete(LOG),
    finding: 'PROBLEM log',
    seen: /there is no .*active-responses\.log: logcollector ignores/,
    fix: /install -o daemon -g daemon -m 0660 \/dev\/null .*active-responses\.log/,
  },
  {
    what: 'the manager cannot write to the log',
    breaks: (at) => chmod(at.tree.path(LOG), 0o640),
    finding: 'PROBLEM log',
    seen: /active-responses\.log is 0640: the manager’s own programs cannot write to it/,
    fix: /chgrp daemon .* && chmod 0660/,
  },
  {
    what: 'any user can write to the log',
    breaks: (at) => chmod(at.tree.path(LOG), 0o666),
    finding: 'PROBLEM log',
    seen: /active-responses\.log is 0666: any user can write/,
    fix: /chmod 0660/,
  },
  {
    what: 'the log belongs to another group',
    breaks: (at) => chown(at.tree.path(LOG), 0, 0),
    finding: 'PROBLEM log',
    seen: /active-responses\.log is of group root, not of daemon/,
    fix: /chgrp daemon/,
  },
  {
    what: 'the log is a directory',
    breaks: async (at) => {
      await at.delete(LOG);
      await mkdir(at.tree.path(LOG));
    },
    finding: 'PROBLEM log',
    seen: /is not a regular file/,
    fix: /move it away/,
  },
  {
    what: 'the log has a line that no decoder reads',
    breaks: (at) => writeFile(at.tree.path(LOG), 'blocked 203.0.113.7 ok\n'),
    finding: 'warning log',
    seen: /has a line that no decoder reads: blocked 203\.0\.113\.7 ok/,
    fix: /grep -nF/,
  },
  {
    what: 'the clock has been set back since the last block',
    breaks: (at) => at.write(`${LEDGER}/203.0.113.7.json`, block({ since: '2099-01-02T03:04:05.000Z' })),
    finding: 'PROBLEM clock',
    seen: /but the block of 203\.0\.113\.7 by firewall-drop has the time 2099-01-02T03:04:05\.000Z/,
    fix: /timedatectl set-ntp true/,
  },
  {
    what: 'the clock has been set back since the last event',
    breaks: (at) =>
      at.write('var/riposte/events.jsonl', '{"time":"2099-01-02T03:04:05.000Z","event":"blocked"}\n'),
    finding: 'PROBLEM clock',
    seen: /the last event of .*events\.jsonl has the time 2099-01-02/,
    fix: /timedatectl/,
  },
  {
    what: 'a file’s time of change is in the future',
    breaks: (at) => utimes(at.tree.path(LOG), 4_000_000_000, 4_000_000_000),
    finding: 'PROBLEM clock',
    seen: /the last change of .*active-responses\.log has the time 2096-/,
    fix: /timedatectl/,
  },
  {
    what: 'Wazuh writes its log in another time zone',
    kind: 'wazuh4-agent',
    breaks: async (at) => {
      await writeFile(
        at.tree.path(LOG),
        '2026/11/20 09:16:41 active-response/bin/route-null.js: {"version":1}\n',
      );
      const here = Date.parse('2026-11-20 09:16:41') / 1000 - 2 * 3600;
      await utimes(at.tree.path(LOG), here, here);
    },
    finding: 'warning time zone',
    seen: /in another time zone than this shell: \+2 hours/,
    fix: /timedatectl set-timezone/,
  },
];

brokenSuite('mistakes on a host', cases);
