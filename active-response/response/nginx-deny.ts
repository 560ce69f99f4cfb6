import { nginxGeo } from '../backend/nginx.ts';
import { blockedAddresses } from '../ledger.ts';
import type { Response } from '../request-context.ts';
import { setting, valuesOf } from '../settings/settings.ts';
import { absolutePath, command } from '../settings/values.ts';

const NAME = 'nginx-deny';

export const NGINX_SETTINGS = {
  nginxFile: setting({
    key: 'NGINX_FILE',
    fallback: '/var/lib/riposte/nginx/deny.geo',
    initial: '/var/lib/riposte/nginx/deny.geo',
    parse: absolutePath,
    form: 'an absolute path',
    means: 'the file of addresses that nginx includes in a geo block',
    isRoots: true,
  }),
  nginxCheck: setting({
    key: 'NGINX_CHECK',
    fallback: '/usr/sbin/nginx -t',
    initial: ['/usr/sbin/nginx', '-t'],
    parse: command,
    form: 'a program by its absolute path, and arguments',
    means: 'checks nginx’s configuration before each reload',
    isRoots: true,
  }),
  nginxReload: setting({
    key: 'NGINX_RELOAD',
    fallback: '/usr/sbin/nginx -s reload',
    initial: ['/usr/sbin/nginx', '-s', 'reload'],
    parse: command,
    form: 'a program by its absolute path, and arguments',
    means: 'makes nginx read the file, every two seconds at most; empty: another program does',
    isRoots: true,
  }),
};

export const nginxDeny: Response = {
  name: NAME,
  summary: 'makes nginx deny an address, as nginx sees it behind a proxy',
  isOptional: true,
  settings: NGINX_SETTINGS,
  backends: {
    geo(settings, home) {
      const { nginxFile, nginxCheck, nginxReload } = valuesOf(NGINX_SETTINGS, settings);
      const entries = () => blockedAddresses(home, NAME);
      return nginxGeo(nginxFile, entries, { check: nginxCheck, reload: nginxReload });
    },
  },
  choose: () => 'geo',
};
