import { anyRuleIds, blockTimes, ipv6PrefixLength, level, oneOf, ports, seconds, yesOrNo } from './values.ts';

/** One setting: its key in riposte.conf, its default, its parser and its descriptions. */
export interface Setting<T> {
  key: string;
  fallback: string;
  /** The parsed value of `fallback`: most settings keep their default, and need not be parsed at each alert. */
  initial: NoInfer<T>;
  parse: (text: string) => T | undefined;
  /** The form of a value, for the error message and the usage text. */
  form: string;
  /** One line for the usage text and docs/reference/settings.md. */
  means: string;
  /**
   * True for a program, file or HTTP server that root uses: its value counts only in a file that root alone can change.
   */
  isRoots?: true;
}

/** Declares a setting, so that its type is checked. */
export const setting = <T>(s: Setting<T>) => s;

/**
 * The settings of all responses. A response may have further settings (Response.settings); the settings of other
 * programs are in server-settings.ts, mail-settings.ts and similar tables. A flag is the setting's name in this table
 * with hyphens: `blockFor` is BLOCK_FOR in riposte.conf, and `--block-for` on the command line and in Wazuh's
 * extra_args.
 */
export const SETTINGS = {
  backend: setting({
    key: 'FIREWALL_BACKEND',
    fallback: 'auto',
    initial: 'auto',
    parse: oneOf('auto', 'nftables', 'ipset', 'firewalld', 'pf'),
    form: 'auto, nftables, ipset, firewalld or pf',
    means: 'the backend of firewall-drop; auto takes nft, else firewalld if it runs, else ipset',
  }),
  action: setting({
    key: 'FIREWALL_ACTION',
    fallback: 'drop',
    initial: 'drop',
    parse: oneOf('drop', 'reject'),
    form: 'drop or reject',
    means: 'drop silently, or answer host-unreachable; the last block decides for all blocked addresses',
  }),
  ports: setting({
    key: 'FIREWALL_PORTS',
    fallback: '',
    initial: [],
    parse: ports,
    form: 'ports and ranges such as 80,443,8000-8100',
    means: 'the ports (TCP, UDP) closed to blocked addresses; empty: all; the last block decides for all',
  }),
  routeType: setting({
    key: 'ROUTE_TYPE',
    fallback: 'unreachable',
    initial: 'unreachable',
    parse: oneOf('unreachable', 'blackhole', 'prohibit'),
    form: 'unreachable, blackhole or prohibit',
    means: 'the kind of route that route-null sets',
  }),
  blockFor: setting({
    key: 'BLOCK_FOR',
    fallback: '',
    initial: [],
    parse: blockTimes,
    form: 'times such as 1d,7d or 1d,7d,forever',
    means: 'the time of a block at the first, second, … offence; empty: until the manager says delete',
  }),
  severeLevel: setting({
    key: 'SEVERE_LEVEL',
    fallback: '12',
    initial: 12,
    parse: level,
    form: 'a rule level from 0 to 16, or low, medium, high or critical',
    means: 'alerts from this level on get the last time of BLOCK_FOR at once (OSSEC sends no level)',
  }),
  severeRules: setting({
    key: 'SEVERE_RULES',
    fallback: '',
    initial: [],
    parse: anyRuleIds,
    form: 'rule ids such as 31106,31151, or the UUIDs of Wazuh 5',
    means: 'rules that get the last time of BLOCK_FOR at once',
  }),
  releaseOnStop: setting({
    key: 'RELEASE_ON_STOP',
    fallback: 'yes',
    initial: true,
    parse: yesOrNo,
    form: 'yes or no',
    means: 'no: a block stays when the manager deletes it before its time, as an ending execd does',
  }),
  ipv6Prefix: setting({
    key: 'IPV6_PREFIX',
    fallback: '',
    initial: 0,
    parse: ipv6PrefixLength,
    form: 'a number from 32 to 128, or empty',
    means: 'the IPv6 network that counts as one source; empty: 64 for serve and scan, 128 for managers',
  }),
  allowPrivate: setting({
    key: 'ALLOW_PRIVATE',
    fallback: 'auto',
    initial: 'auto',
    parse: oneOf('auto', 'yes', 'no'),
    form: 'auto, yes or no',
    means: 'whether private addresses are never blocked; auto: serve and scan never block them',
  }),
  commandTimeout: setting({
    key: 'COMMAND_TIMEOUT',
    fallback: '20s',
    initial: 20,
    parse: seconds,
    form: 'a time such as 20s',
    means: 'the time limit of a program such as nft, after which the response gives up',
  }),
};

/** A table of settings, by their names. */
export type Table = Readonly<Record<string, Setting<unknown>>>;

/** The values of a table's settings. */
export type ValuesOf<T extends Table> = { [N in keyof T]: NonNullable<ReturnType<T[N]['parse']>> };

/** The values of these settings. Times are in seconds. */
export type Settings = ValuesOf<typeof SETTINGS>;

/** A flag's name without the hyphens: `block-for`. */
export const flagOf = (name: string): string =>
  name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);

/** Flags that extra_args must not contain: a message's sender must not choose programs and files for root. */
export const flagsFromNoMessage = (table: Table): string[] =>
  Object.keys(table).flatMap((name) => (table[name]?.isRoots ? flagOf(name) : []));

/** The setting of a flag, or undefined when no setting has that name. */
export function settingOf(flag: string, table: Table): string | undefined {
  return Object.keys(table).find((name) => flagOf(name) === flag);
}

/** The values of a response's own settings: those that were loaded, else the defaults. */
export const valuesOf = <const T extends Table>(table: T, loaded: object): ValuesOf<T> => ({
  ...(Object.fromEntries(Object.entries(table).map(([name, { initial }]) => [name, initial])) as ValuesOf<T>),
  ...loaded,
});
