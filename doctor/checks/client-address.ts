import type { ServerConfiguration } from '../../logs/configuration/configured-log.ts';
import { type UnsafeRealIp, unsafeRealIp } from '../../logs/configuration/real-ip.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { coverageOf } from '../web-server-logs.ts';
import type { Check } from './check.ts';

/**
 * Checks that web servers take the client's address only from headers of named proxies. Otherwise a client chooses the
 * `%a` or `$remote_addr` in the log, and no reader can notice.
 */
export const clientAddress: Check = (examined) => {
  const configurations = examined.webServers().filter(({ realIp }) => realIp.length > 0);
  if (configurations.length === 0) return [];
  const { isRead } = coverageOf(examined);
  const concerned = configurations.filter(
    ({ logs }) => examined.settings.hookGroup !== '' || logs.some((log) => isRead(log)),
  );
  return orOk(
    concerned.flatMap((each) => unsafeRealIp(each).map((unsafe) => judged(unsafe, each))),
    'web servers take the client’s address only from headers of named proxies',
  );
};

function judged({ directive, because }: UnsafeRealIp, { server }: ServerConfiguration): Judged {
  const where = `${directive.place} (${directive.text})`;
  const setting = server === 'apache' ? 'RemoteIPInternalProxy' : 'set_real_ip_from';
  const reload = `then reload ${server === 'apache' ? 'Apache' : 'nginx'}`;
  if (because === 'everybody')
    return problem(
      `${where} makes the server trust a header of every client: a client can choose the logged address, and so the address that Riposte blocks`,
      `name your proxies there (${setting} with their addresses), or remove the directive, ${reload}`,
    );
  return warning(
    `${where} takes the client’s address from a header that many proxies pass on as the client sent it`,
    `take X-Forwarded-For instead, unless each of your proxies overwrites this header, ${reload}`,
  );
}
