import {
  command,
  groupName,
  level,
  listenAddress,
  oneOf,
  path,
  paths,
  ports,
  ruleIds,
  seconds,
  secondsList,
  yesOrNo,
} from './values.ts';

/** One setting: its key in riposte.conf, its default there, how it is read, and what to write. */
export interface Setting<T> {
  key: string;
  fallback: string;
  /** What `fallback` is when read: most settings are never changed, and need not be read at each alert. */
  initial: NoInfer<T>;
  parse: (text: string) => T | undefined;
  /** What a value looks like, for the error message and the usage text. */
  form: string;
  /** One line for the usage text and the README. */
  means: string;
}

export const setting = <T>(s: Setting<T>) => s;

/**
 * Every setting there is. Its flag is its name here with hyphens: `blockFor` is BLOCK_FOR in riposte.conf
 * and `--block-for` on the command line and in Wazuh's extra_args.
 */
export const SETTINGS = {
  backend: setting({
    key: 'FIREWALL_BACKEND',
    fallback: 'auto',
    initial: 'auto',
    parse: oneOf('auto', 'nftables', 'ipset', 'firewalld', 'pf'),
    form: 'auto, nftables, ipset, firewalld or pf',
    means: 'what firewall-drop blocks with; auto takes nft, else firewalld where it runs, else ipset',
  }),
  action: setting({
    key: 'FIREWALL_ACTION',
    fallback: 'drop',
    initial: 'drop',
    parse: oneOf('drop', 'reject'),
    form: 'drop or reject',
    means: 'silence, or the answer host-unreachable, for all that are blocked; the last block decides',
  }),
  ports: setting({
    key: 'FIREWALL_PORTS',
    fallback: '',
    initial: [],
    parse: ports,
    form: 'ports and ranges such as 80,443,8000-8100',
    means: 'the ports (TCP and UDP) closed to all that are blocked; all when empty; the last block decides',
  }),
  routeType: setting({
    key: 'ROUTE_TYPE',
    fallback: 'unreachable',
    initial: 'unreachable',
    parse: oneOf('unreachable', 'blackhole', 'prohibit'),
    form: 'unreachable, blackhole or prohibit',
    means: 'the kind of route that route-null sets',
  }),
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
  }),
  apacheCheck: setting({
    key: 'APACHE_CHECK',
    fallback: '/usr/sbin/apachectl configtest',
    initial: ['/usr/sbin/apachectl', 'configtest'],
    parse: command,
    form: 'a program by its absolute path, and arguments',
    means: 'checks Apache’s configuration (apache24 and apache22 only)',
  }),
  apacheReload: setting({
    key: 'APACHE_RELOAD',
    fallback: '/usr/sbin/apachectl graceful',
    initial: ['/usr/sbin/apachectl', 'graceful'],
    parse: command,
    form: 'a program by its absolute path, and arguments',
    means: 'makes Apache read it (apache24 and apache22 only); empty: somebody else does',
  }),
  blockFor: setting({
    key: 'BLOCK_FOR',
    fallback: '',
    initial: [],
    parse: secondsList,
    form: 'times such as 1d,7d',
    means: 'how long Riposte blocks at the first, second, … offence; empty: until the manager says delete',
  }),
  severeLevel: setting({
    key: 'SEVERE_LEVEL',
    fallback: '12',
    initial: 12,
    parse: level,
    form: 'a rule level from 0 to 16',
    means: 'an alert of this level or above gets the last time of BLOCK_FOR at once (OSSEC tells no level)',
  }),
  severeRules: setting({
    key: 'SEVERE_RULES',
    fallback: '',
    initial: [],
    parse: ruleIds,
    form: 'rule ids such as 31106,31151',
    means: 'rules that get the last time of BLOCK_FOR at once',
  }),
  allowPrivate: setting({
    key: 'ALLOW_PRIVATE',
    fallback: 'no',
    initial: false,
    parse: yesOrNo,
    form: 'yes or no',
    means: 'whether private addresses (RFC 1918 and fc00::/7) are never blocked',
  }),
  logs: setting({
    key: 'LOGS',
    fallback: '',
    initial: [],
    parse: paths,
    form: 'absolute paths with commas between them',
    means: 'the logs that riposte serve and riposte scan read when they are told none',
  }),
  hookGroup: setting({
    key: 'HOOK_GROUP',
    fallback: '',
    initial: '',
    parse: groupName,
    form: 'the name of a group, such as www-data',
    means: 'who, besides root, may report an address to riposte serve: ModSecurity’s hook',
  }),
  hookDirectory: setting({
    key: 'HOOK_DIRECTORY',
    fallback: '/run/riposte',
    initial: '/run/riposte',
    parse: path,
    form: 'an absolute path',
    means: 'where riposte serve has the socket for the hook; open to HOOK_GROUP alone',
  }),
  metricsListen: setting({
    key: 'METRICS_LISTEN',
    fallback: '',
    initial: '',
    parse: listenAddress,
    form: '127.0.0.1:9749, [::1]:9749 or the path of a socket',
    means: 'where riposte serve answers GET /metrics, for Prometheus; nowhere when empty',
  }),
  commandTimeout: setting({
    key: 'COMMAND_TIMEOUT',
    fallback: '20s',
    initial: 20,
    parse: seconds,
    form: 'a time such as 20s',
    means: 'how long a program such as nft may take before the response gives up',
  }),
};

export type SettingName = keyof typeof SETTINGS;

/** The values of all settings. Times are in seconds. */
export type Settings = { [N in SettingName]: NonNullable<ReturnType<(typeof SETTINGS)[N]['parse']>> };

/** A flag's name without the hyphens: `block-for`. */
export const flagOf = (name: string): string =>
  name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);

/** Flags that extra_args may not hold: who can send a message must not name what root runs or writes. */
export const FROM_NO_MESSAGE = ['apache-file', 'apache-check', 'apache-reload'] as const;

/** The setting of a flag, or undefined when there is none of that name. */
export function settingOf(flag: string, table: object = SETTINGS): string | undefined {
  return Object.keys(table).find((name) => flagOf(name) === flag);
}
