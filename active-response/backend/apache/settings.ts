import { setting } from '../../settings/settings.ts';
import { command, oneOf, path } from '../../settings/values.ts';

export const APACHE_SETTINGS = {
  apacheDeny: setting({
    key: 'APACHE_DENY',
    fallback: 'map',
    initial: 'map',
    parse: oneOf('map', 'apache24', 'apache22'),
    form: 'map, apache24 or apache22',
    means: 'how Apache learns of a block: a RewriteMap, Require not ip, or Deny from',
  }),
  apacheFile: setting({
    key: 'APACHE_FILE',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'the file Apache reads; by default in <home>/var/riposte/apache/',
    isRoots: true,
  }),
  apacheCheck: setting({
    key: 'APACHE_CHECK',
    fallback: '/usr/sbin/apachectl configtest',
    initial: ['/usr/sbin/apachectl', 'configtest'],
    parse: command,
    form: 'a program by its absolute path, and arguments',
    means: 'checks Apache’s configuration (apache24 and apache22 only)',
    isRoots: true,
  }),
  apacheReload: setting({
    key: 'APACHE_RELOAD',
    fallback: '/usr/sbin/apachectl graceful',
    initial: ['/usr/sbin/apachectl', 'graceful'],
    parse: command,
    form: 'a program by its absolute path, and arguments',
    means: 'makes Apache read the file (apache24 and apache22 only); empty: another program does',
    isRoots: true,
  }),
};
