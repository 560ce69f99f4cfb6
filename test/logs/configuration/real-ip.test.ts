import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apacheConfiguration } from '../../../logs/configuration/apache.ts';
import { nginxConfiguration } from '../../../logs/configuration/nginx.ts';
import { unsafeRealIp } from '../../../logs/configuration/real-ip.ts';
import { hostWith } from './fake-host.ts';

/** The reason and the line of each unsafe directive. */
function unsafeIn(read: typeof apacheConfiguration, file: string, text: string): string[] {
  const configuration = read(hostWith({ [file]: text }));
  if (configuration === undefined) throw new Error('no web server was found');
  return unsafeRealIp(configuration).map(
    ({ because, directive }) => `${because} ${directive.place.replace(`${file}:`, '')}`,
  );
}

const inApache = (...lines: string[]): string[] =>
  unsafeIn(apacheConfiguration, '/etc/apache2/apache2.conf', lines.join('\n'));
const inNginx = (...lines: string[]): string[] =>
  unsafeIn(nginxConfiguration, '/etc/nginx/nginx.conf', `http {\n${lines.join('\n')}\n}`);

const HEADER = 'RemoteIPHeader X-Forwarded-For';

for (const [lines, unsafe] of [
  [[HEADER], ['everybody 1']],
  [[HEADER, 'RemoteIPTrustedProxy 192.0.2.1'], []],
  [[HEADER, 'RemoteIPInternalProxy 192.0.2.0/24 2001:db8::/32'], []],
  [[HEADER, 'RemoteIPTrustedProxyList conf/proxies.lst'], []],
  [[HEADER, 'RemoteIPInternalProxyList conf/proxies.lst'], []],
  [[HEADER, 'RemoteIPProxiesHeader X-Forwarded-By'], ['everybody 1']],
  [[HEADER, 'RemoteIPInternalProxy 192.0.2.1', 'RemoteIPTrustedProxy 0.0.0.0/0'], ['everybody 3']],
  [[HEADER, 'RemoteIPInternalProxy 0.0.0.0/0.0.0.0'], ['everybody 2']],
  [[HEADER, 'RemoteIPTrustedProxy 192.0.2.1 ::/0'], ['everybody 2']],
  [[HEADER, 'RemoteIPInternalProxy 10.0.0.0/8 172.16.0.0/255.240.0.0 fc00::/7 fe80::/10'], []],
  [['RemoteIPTrustedProxy 0.0.0.0/0'], []],
  [['RemoteIPHeader X-Real-IP', 'RemoteIPTrustedProxy 192.0.2.1'], ['header 1']],
  [['RemoteIPHeader CF-Connecting-IP', 'RemoteIPTrustedProxy 173.245.48.0/20 2400:cb00::/32'], []],
  [['RemoteIPHeader CF-Connecting-IP', 'RemoteIPTrustedProxy 173.245.48.0/20 10.0.0.2'], ['header 1']],
  [['<VirtualHost *:80>', HEADER, 'RemoteIPTrustedProxy 192.0.2.1', '</VirtualHost>'], []],
  [['RemoteIPTrustedProxy 192.0.2.1', '<VirtualHost *:80>', HEADER, '</VirtualHost>'], []],
  [[HEADER, '<VirtualHost *:80>', 'RemoteIPTrustedProxy 192.0.2.1', '</VirtualHost>'], ['everybody 1']],
] as const) {
  test(`finds ${unsafe.length === 0 ? 'nothing' : unsafe} unsafe in Apache’s ${lines.join(', ')}`, () => {
    assert.equal(inApache(...lines), [...unsafe]);
  });
}

const XFF = 'real_ip_header X-Forwarded-For;';

for (const [lines, unsafe] of [
  [[XFF], []],
  [[XFF, 'set_real_ip_from 192.0.2.0/24;'], []],
  [[XFF, 'set_real_ip_from 192.0.2.1;', 'set_real_ip_from unix:;'], []],
  [[XFF, 'set_real_ip_from 0.0.0.0/0;'], ['everybody 3']],
  [[XFF, 'set_real_ip_from ::/0;'], ['everybody 3']],
  [[XFF, 'server {', 'set_real_ip_from 0.0.0.0/1;', '}'], ['everybody 4']],
  [['real_ip_header proxy_protocol;', 'set_real_ip_from 10.0.0.0/8;'], []],
  [['set_real_ip_from 192.0.2.1;'], ['header 2']],
  [['real_ip_header X-Real-IP;', 'set_real_ip_from 192.0.2.1;'], ['header 2']],
  [['real_ip_header CF-Connecting-IP;', 'set_real_ip_from 173.245.48.0/20;'], []],
  [['real_ip_header CF-Connecting-IP;', 'set_real_ip_from 192.0.2.1;'], ['header 2']],
] as const) {
  test(`finds ${unsafe.length === 0 ? 'nothing' : unsafe} unsafe in nginx’s ${lines.join(' ')}`, () => {
    assert.equal(inNginx(...lines), [...unsafe]);
  });
}

test.run();
