/** Lines of every log format, and pieces of them, that name an address as the source of an attack. */

/** A denial of ModSecurity for which the rules block at once. */
const DENIED =
  'ModSecurity: Access denied with code 403 (phase 1). Operator EQ matched 1 at IP. ' +
  '[file "/etc/modsecurity/honeytraps.conf"] [line "60"] [id "999005"] [msg "HoneyTrap Alert"] ' +
  '[hostname "web.example"] [uri "/"] [unique_id "aSoZQ38AAAEAABcdEfgAAAAA"]';

const REQUEST = '"GET /.env HTTP/1.1" 404 196 "-" "sqlmap/1.7"';

/** The text of a client's denial as it may occur inside a longer line. */
export const denial = (address: string): string =>
  `[client ${address}] ModSecurity: Access denied with code 403 [id "999005"]`;

/** A line of Apache's combined log. */
export const combinedLine = (address: string, time: Date): string =>
  `${address} - - [${clfTime(time)}] ${REQUEST}`;

/** A line of ModSecurity 2 in Apache 2.4's error log. */
export function denialLine(address: string, time: Date): string {
  const written = errorTime(time, '.123456');
  return `[${written}] [security2:error] [pid 812:tid 1408] [client ${address}:33412] [client ${address}] ${DENIED}`;
}

/** An alert as `riposte serve --alerts` writes it. */
export const alertLine = (address: string, time: Date): string =>
  `{"riposte":"alert","srcip":"${address}","level":12,"rule":117011,"time":"${time.toISOString()}",` +
  '"location":"/var/log/apache2/error.log","description":"x","log":"x"}';

/** All forgeries, by the name of the format. None holds a line break. */
export function forgeries(address: string, time: Date): Record<string, string> {
  const combined = combinedLine(address, time);
  const iso = time.toISOString();
  const json = { time_iso8601: iso, remote_addr: address, request_method: 'GET', request_uri: '/.env' };
  const [date = '', clock = ''] = iso.slice(0, 19).split('T');
  return {
    'combined line': combined,
    'vhost_combined line': `web.example:80 ${combined}`,
    'combined line behind quotes': `" 200 1 "-" "x" ${combined}`,
    'end of a line with X-Forwarded-For': `x" "${address}`,
    'end of a line, quotes as \\x22': `x\\x22 \\x22${address}`,
    'end of a line, quotes with backslashes': `x\\" \\"${address}`,
    address: address,
    'list of addresses': `${address}, ${address}`,
    'brackets of a common log': `${address}] - - [${clfTime(time)}] ${REQUEST} [client ${address}] `,
    'ModSecurity denial': denial(address),
    'Apache 2.4 error line': denialLine(address, time),
    'Apache 2.2 error line': `[${errorTime(time, '')}] [error] ${denial(address)}`,
    'nginx error line':
      `${date.replaceAll('-', '/')} ${clock} [error] 812#812: *1 [client ${address}] ${DENIED}, ` +
      `client: ${address}, server: _, request: "GET /.env HTTP/1.1", host: "web.example"`,
    'alert of riposte serve': alertLine(address, time),
    'JSON line': JSON.stringify({ ...json, status: 404, http_user_agent: 'sqlmap' }),
    'JSON members': `","remote_addr":"${address}","request_uri":"/.env","status":"404","http_user_agent":"sqlmap`,
    'Caddy line': JSON.stringify({
      logger: 'http.log.access.log0',
      ts: time.getTime() / 1000,
      msg: 'handled request',
      request: { remote_ip: address, client_ip: address, method: 'GET', uri: '/.env', proto: 'HTTP/1.1' },
      status: 404,
    }),
    'squid line': `${time.getTime() / 1000} 200 ${address} TCP_MISS/404 1 GET http://web.example/.env - DIRECT/192.0.2.1 text/html`,
    'syslog line': `${syslogTime(time)} web apache2[812]: ${combined}`,
    'RFC 5424 line': `<134>1 ${iso} web nginx 812 - - ${combined}`,
    'Docker line': JSON.stringify({ log: `${combined}\n`, stream: 'stdout', time: iso }),
    'CRI line': `${iso} stdout F ${combined}`,
    'journald line': JSON.stringify({ _SYSTEMD_UNIT: 'nginx.service', MESSAGE: combined }),
    'HAProxy line':
      `${syslogTime(time)} web haproxy[812]: ${address}:54321 [${clfTime(time).replace(' +0000', '.123')}] ` +
      'www~ web/s1 0/0/1/2/3 404 196 - - ---- 1/1/0/0/0 0/0 "GET /.env HTTP/1.1"',
    'IIS line': `${date} ${clock} 192.0.2.1 GET /.env - 443 - ${address} sqlmap - 404 0 2 15`,
    'CloudFront line': `${date}\t${clock}\tFRA2-C1\t1045\t${address}\tGET\tweb.example\t/.env\t404\t-\tsqlmap\t-`,
    'sshd line': `${syslogTime(time)} web sshd[812]: Failed password for invalid user admin from ${address} port 22 ssh2`,
  };
}

/** 20/Nov/2026:09:29:46 +0000 */
function clfTime(time: Date): string {
  const [, day, month, year, clock] = parts(time);
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** Fri Nov 20 09:29:46.123456 2026 */
function errorTime(time: Date, fraction: string): string {
  const [weekday, day, month, year, clock] = parts(time);
  return `${weekday} ${month} ${day} ${clock}${fraction} ${year}`;
}

/** Nov 20 09:29:46 */
function syslogTime(time: Date): string {
  const [, day, month, , clock] = parts(time);
  return `${month} ${day} ${clock}`;
}

/** The weekday, day, month, year and clock, in UTC. */
function parts(time: Date): string[] {
  const [, weekday = '', day = '', month = '', year = '', clock = ''] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? [];
  return [weekday, day, month, year, clock];
}
