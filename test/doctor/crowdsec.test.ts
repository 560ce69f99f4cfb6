import { type Broken, brokenSuite } from './broken.ts';
import type { HealthyTree } from './healthy.ts';

const CONF = 'etc/riposte.conf';
const KEY = 'etc/riposte.crowdsec-key';
const STATE = 'var/riposte/crowdsec.json';
const URL = 'CROWDSEC_URL=http://127.0.0.1:1\n';

const state = (more: object): string =>
  JSON.stringify({ pid: 1, from: 'http://127.0.0.1:1', decisions: 2, reported: 0, unreported: 0, ...more });

/** A feed that is set up, with this state. */
const setUp = async (at: HealthyTree, more: object, settings = ''): Promise<void> => {
  await at.write(CONF, URL + settings);
  await at.write(KEY, 'key\n', 0o600);
  await at.tree.write(STATE, state(more));
};

const cases: Broken[] = [
  {
    what: 'other users can read the key for CrowdSec',
    breaks: async (at) => {
      await setUp(at, { pulled: new Date().toISOString() });
      await at.write(KEY, 'key\n', 0o644);
    },
    finding: 'PROBLEM crowdsec',
    seen: /riposte\.crowdsec-key can be read by accounts other than root/,
    fix: /chown root .*crowdsec-key && chmod 600/,
  },
  {
    what: 'a setting for CrowdSec is invalid, but blocks still work',
    breaks: (at) => at.write(CONF, 'CROWDSEC_URL=http://lapi.example.org:8080\n'),
    finding: 'PROBLEM crowdsec',
    seen: /CROWDSEC_URL is 'http:\/\/lapi\.example\.org:8080', but must be https/,
    fix: /correct that line/,
  },
  {
    what: 'no process pulls from CrowdSec',
    breaks: (at) => setUp(at, { pulled: '2026-01-02T03:04:05.000Z' }),
    finding: 'PROBLEM crowdsec',
    seen: /no process has pulled from http:\/\/127\.0\.0\.1:1 since 2026-01-02/,
    fix: /start or restart riposte serve, or start riposte feed/,
  },
  {
    what: 'the last pull from CrowdSec has failed',
    breaks: (at) => setUp(at, { problem: 'the LAPI refuses the key' }),
    finding: 'PROBLEM crowdsec',
    seen: /the LAPI refuses the key/,
    fix: /riposte doctor/,
  },
  {
    what: 'the machine that reports to CrowdSec has no password',
    breaks: (at) => setUp(at, { pulled: new Date().toISOString() }, 'CROWDSEC_MACHINE=web1\n'),
    finding: 'PROBLEM crowdsec',
    seen: /there is no .*riposte\.crowdsec-password \(CROWDSEC_PASSWORD_FILE\)/,
    fix: /cscli machines add/,
  },
];

brokenSuite('faults of the feed from CrowdSec', cases);
