/** Writes lines of servers other than Apache and nginx, and of nginx in JSON, from a client's texts. */
import {
  CLIENT,
  goEscaped,
  haproxyEscaped,
  jsonEscaped,
  nginxEscaped,
  percentEscaped,
  type Sent,
  VICTIM,
} from '../support.ts';

const ALB_TAIL =
  'ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2d6bc24d8a067 ' +
  '"Root=1-58337262-36d228ad5d99923122bbe354" "www.example.org" "-" 0 2025-10-10T13:55:35.000000Z "forward" "-" "-" ' +
  '"10.0.0.1:80" "404" "-" "-" TID_1234abcd5678ef90';

export const albLine = (sent: Sent, client = `${CLIENT}:2817`, escaped = nginxEscaped): string =>
  `https 2025-10-10T13:55:36.123456Z app/my-lb/50dc6c495c0c9188 ${client} 10.0.0.1:80 0.000 0.001 0.000 404 404 34 366 ` +
  `"${sent.method || '-'} https://www.example.org:443${escaped(sent.target)} HTTP/1.1" "${escaped(sent.userAgent)}" ${ALB_TAIL}`;

const CADDY_LOGGER =
  '"level":"info","ts":1760104536.123,"logger":"http.log.access.log0","msg":"handled request"';

export const CADDY_PEER = `"remote_ip":"${CLIENT}","remote_port":"54321","client_ip":"${VICTIM}"`;

/** @param peer Caddy's fields about the connection */
export function caddyLine(sent: Sent, peer = CADDY_PEER): string {
  const headers = {
    'User-Agent': [sent.userAgent],
    Referer: [sent.referer],
    'X-Forwarded-For': [sent.forwarded],
  };
  const headersText = Object.entries(headers).map(
    ([name, [value = '']]) => `"${name}":["${goEscaped(value)}"]`,
  );
  return (
    `{${CADDY_LOGGER},"request":{${peer},"proto":"HTTP/2.0","method":"${goEscaped(sent.method)}",` +
    `"host":"${goEscaped(sent.host)}","uri":"${goEscaped(sent.target)}","headers":{${headersText}}},` +
    `"bytes_read":0,"user_id":"${goEscaped(sent.user)}","duration":0.0003,"size":12,"status":404,` +
    `"resp_headers":{"Server":["Caddy"]}}`
  );
}

/** The words before the status. */
export const haproxyHead = (peer = `${CLIENT}:54321`): string =>
  `${peer} [10/Oct/2025:13:55:36.123] web~ web/s1 0/0/1/2/3`;

/** @param headers whether cookies and headers are captured */
export function haproxyLine(sent: Sent, headers = true, head = haproxyHead()): string {
  const [user, agent, host, referer] = [sent.user, sent.userAgent, sent.host, sent.referer].map(
    haproxyEscaped,
  );
  const captured = headers ? `{${host}|${agent}} {${referer}} ` : '';
  const cookies = headers ? `id=${user?.replaceAll(' ', '')} -` : '- -';
  return (
    `${head} 404 196 ${cookies} ---- 1/1/0/0/0 0/0 ${captured}` +
    `"${sent.method === '' ? 'X' : sent.method} ${haproxyEscaped(sent.target)} HTTP/1.1"`
  );
}

export function proxyManagerLine(
  sent: Sent,
  head = '[10/Oct/2025:13:55:36 +0000] - 404 404 -',
  sentTo = ' [Sent-to 10.0.0.5]',
  peer = CLIENT,
): string {
  const [host, target, agent, referer] = [sent.host, sent.target, sent.userAgent, sent.referer].map(
    nginxEscaped,
  );
  return (
    `${head} ${sent.method || '-'} https ${host} "${target}" [Client ${peer}] [Length 150] [Gzip -]${sentTo} ` +
    `"${agent}" "${referer}"`
  );
}

/** The words before the method. */
export const squidHead = (peer = CLIENT): string => `1760104536.123    200 ${peer} TCP_MISS/404 1234`;

export const squidLine = (sent: Sent, escaped = percentEscaped, head = squidHead()): string =>
  `${head} ${sent.method || 'NONE'} http://www.example.org${escaped(sent.target)} ${percentEscaped(sent.user)} ` +
  'FIRSTUP_PARENT/10.0.0.5 text/html';

export const TRAEFIK_PEER = `"ClientAddr":"${CLIENT}:51432","ClientHost":"${CLIENT}","ClientPort":"51432"`;

/** @param peer Traefik's fields about the connection */
export const traefikLine = (sent: Sent, peer = TRAEFIK_PEER): string =>
  `{${peer},"ClientUsername":"${goEscaped(sent.user)}","DownstreamContentSize":19,"DownstreamStatus":404,` +
  `"Duration":123,"RequestAddr":"${goEscaped(sent.host)}","RequestHost":"${goEscaped(sent.host)}",` +
  `"RequestMethod":"${goEscaped(sent.method)}","RequestPath":"${goEscaped(sent.target)}",` +
  `"RequestProtocol":"HTTP/1.1","StartLocal":"2025-10-10T15:55:36.1+02:00",` +
  `"StartUTC":"2025-10-10T13:55:36.123456789Z","entryPointName":"web","level":"info","msg":"",` +
  `"request_User-Agent":"${goEscaped(sent.userAgent)}","request_Referer":"${goEscaped(sent.referer)}",` +
  `"time":"2025-10-10T13:55:37Z"}`;

export const IIS_FIELDS =
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) ' +
  'sc-status sc-substatus sc-win32-status time-taken';

/** IIS writes `+` for a space, and no control characters. */
const plus = (text: string): string => [...text].map((each) => (each <= ' ' ? '+' : each)).join('') || '-';

export const iisLine = (sent: Sent, query = '-', peer = CLIENT): string =>
  `2025-10-10 13:55:36 10.0.0.2 ${sent.method || '-'} ${plus(sent.target)} ${query} 443 ${plus(sent.user)} ${peer} ` +
  `${plus(sent.userAgent)} ${plus(sent.referer)} 404 0 2 15`;

/** @param tail the fields after the first 19 fields */
export const cloudfrontLine = (sent: Sent, tail = '', peer = CLIENT): string =>
  `2025-10-10\t13:55:36\tFRA2-C1\t1045\t${peer}\t${sent.method || '-'}\td111.cloudfront.net\t` +
  `${percentEscaped(sent.target)}\t404\t${percentEscaped(sent.referer)}\t${percentEscaped(sent.userAgent)}\t-\t-\t` +
  `Error\tabc=\t${percentEscaped(sent.host)}\thttps\t23\t0.001${tail}`;

/** @param written the function that escapes a text */
export const nginxJsonLine = (sent: Sent, written = jsonEscaped, peer = CLIENT): string =>
  `{"time_iso8601":"2025-10-10T13:55:36+00:00","remote_addr":"${peer}","remote_user":"${written(sent.user)}",` +
  `"request":"${written(sent.method)} ${written(sent.target)} HTTP/1.1","status": 404,"body_bytes_sent":196,` +
  `"http_referer":"${written(sent.referer)}","http_user_agent":"${written(sent.userAgent)}",` +
  `"host":"${written(sent.host)}","http_x_forwarded_for":"${written(sent.forwarded)}"}`;
