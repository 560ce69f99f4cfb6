import { type Broken, brokenSuite } from './broken.ts';

const CONF = 'etc/riposte.conf';
const KEY = 'etc/riposte.abuseipdb';
const ON = 'ABUSEIPDB_REPORT=yes\n';

const cases: Broken[] = [
  {
    what: 'there is no key for the reports',
    breaks: (at) => at.write(CONF, ON),
    finding: 'PROBLEM abuseipdb',
    seen: /riposte\.abuseipdb does not exist: create it with mode 600 and the line KEY=/,
    fix: /install -m 600 .*riposte\.abuseipdb, or set ABUSEIPDB_REPORT=no/,
  },
  {
    what: 'other users can read the key, even while reports are off',
    breaks: (at) => at.write(KEY, 'KEY=x\n', 0o644),
    finding: 'PROBLEM abuseipdb',
    seen: /riposte\.abuseipdb can be read by accounts other than root/,
    fix: /chown root .*riposte\.abuseipdb && chmod 600/,
  },
  {
    what: 'the file with the key has no key',
    breaks: (at) => at.write(KEY, 'TOKEN=x\n', 0o600),
    finding: 'PROBLEM abuseipdb',
    seen: /riposte\.abuseipdb has an unknown key TOKEN; the known keys are KEY, URL/,
    fix: /write KEY=… into .*riposte\.abuseipdb/,
  },
  {
    what: 'the key would go to another host without encryption',
    breaks: (at) => at.write(KEY, 'KEY=x\nURL=http://192.0.2.1/\n', 0o600),
    finding: 'PROBLEM abuseipdb',
    seen: /riposte\.abuseipdb has a URL that is not an https:/,
    fix: /riposte\.abuseipdb/,
  },
  {
    what: 'a setting for AbuseIPDB is invalid, but blocks still work',
    breaks: (at) => at.write(CONF, 'ABUSEIPDB_REPORT=perhaps\n'),
    finding: 'PROBLEM abuseipdb',
    seen: /ABUSEIPDB_REPORT is 'perhaps', but must be yes or no/,
    fix: /correct that line/,
  },
  {
    what: 'AbuseIPDB refuses the key',
    breaks: async (at) => {
      await at.write(CONF, ON);
      await at.write(KEY, 'KEY=x\n', 0o600);
      const state = { sent: {}, trouble: 'AbuseIPDB refuses the key', since: 0, tried: 0 };
      await at.tree.write('var/riposte/spool/abuseipdb-state', JSON.stringify(state));
    },
    finding: 'PROBLEM abuseipdb',
    seen: /0 reports have waited since 1970-01-01 00:00:00 UTC: AbuseIPDB refuses the key/,
    fix: /at once if the key has changed/,
  },
];

brokenSuite('faults of the reports to AbuseIPDB', cases);
