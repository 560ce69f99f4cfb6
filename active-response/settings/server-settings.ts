import { loadSettings, loadTable, type SettingsFile } from './load.ts';
import { type Settings, setting, type Table, type ValuesOf } from './settings.ts';
import {
  blockCount,
  blockTimes,
  countOrNone,
  groupName,
  hostNames,
  importCount,
  listenAddress,
  logSources,
  path,
  proxies,
  ruleIds,
  yesOrNo,
} from './values.ts';

/**
 * The settings of riposte.conf for riposte serve, scan, replay and doctor. They are in a table of their own: the scripts
 * that block do not carry or read them, so a wrong setting never prevents a manager's block. Their keys are also in
 * SERVER_KEYS.
 */
export const SERVER_SETTINGS = {
  logs: setting({
    key: 'LOGS',
    fallback: '',
    initial: [],
    parse: logSources,
    form: '/path, /dir/*.log, journal:UNIT, also =FORMAT; with commas',
    means: 'the logs that riposte serve and scan read when the command line names none',
  }),
  trustedProxies: setting({
    key: 'TRUSTED_PROXIES',
    fallback: '',
    initial: [],
    parse: proxies,
    form: 'addresses, prefixes (/8 or IPv6 /20 at widest), or CDN names',
    means: 'the proxies (also cloudflare, fastly, cloudfront) trusted to name the client in the logs',
  }),
  sites: setting({
    key: 'SITES',
    fallback: '',
    initial: [],
    parse: hostNames,
    form: 'host names such as example.org,www.example.org',
    means: 'this server’s own sites: a missing page that one of their pages links to counts a quarter',
  }),
  verifyRobots: setting({
    key: 'VERIFY_ROBOTS',
    fallback: 'yes',
    initial: true,
    parse: yesOrNo,
    form: 'yes or no',
    means: 'whether riposte serve and scan verify a crawler by DNS before they block it',
  }),
  networkAfter: setting({
    key: 'NETWORK_AFTER',
    fallback: '',
    initial: 0,
    parse: countOrNone,
    form: 'a number from 2 to 256',
    means:
      'the number of blocked sources from which serve and scan block a whole /24 or IPv6 /48; empty: never',
  }),
  blockForCounted: setting({
    key: 'BLOCK_FOR_COUNTED',
    fallback: '',
    initial: [],
    parse: blockTimes,
    form: 'times such as 10m,1h,1d,7d',
    means:
      'the time of a block by serve and scan for counted offences; empty: as BLOCK_FOR, or else 10m,1h,1d,7d',
  }),
  answerRules: setting({
    key: 'ANSWER_RULES',
    fallback: '',
    initial: [],
    parse: ruleIds,
    form: 'rule ids such as 31151',
    means: 'further rules for which riposte serve and scan block, at any level (riposte rules lists all)',
  }),
  trustErrorLog: setting({
    key: 'TRUST_ERROR_LOG',
    fallback: 'no',
    initial: false,
    parse: yesOrNo,
    form: 'yes or no',
    means: 'whether riposte serve and scan block by an error log alone, into which attackers can write',
  }),
  hookGroup: setting({
    key: 'HOOK_GROUP',
    fallback: '',
    initial: '',
    parse: groupName,
    form: 'the name of a group, such as www-data',
    means: 'the group that, besides root, may report addresses to riposte serve: ModSecurity’s hook',
  }),
  hookDirectory: setting({
    key: 'HOOK_DIRECTORY',
    fallback: '/run/riposte',
    initial: '/run/riposte',
    parse: path,
    form: 'an absolute path',
    means: 'the directory of riposte serve’s socket for the hook; open to HOOK_GROUP alone',
    isRoots: true,
  }),
  maxBlocks: setting({
    key: 'MAX_BLOCKS',
    fallback: '100000',
    initial: 100_000,
    parse: blockCount,
    form: 'a number from 100 to 1000000',
    means:
      'the most addresses that serve and scan keep blocked; beyond them the least severe blocks end first',
  }),
  maxImported: setting({
    key: 'MAX_IMPORTED',
    fallback: '1000000',
    initial: 1_000_000,
    parse: importCount,
    form: 'a number from 0 to 10000000',
    means:
      'the most addresses and prefixes of lists that may be blocked; they do not count towards MAX_BLOCKS',
  }),
  metricsListen: setting({
    key: 'METRICS_LISTEN',
    fallback: '',
    initial: '',
    parse: listenAddress,
    form: '127.0.0.1:9749, [::1]:9749 or the path of a socket',
    means: 'the address where riposte serve answers GET /metrics, for Prometheus; empty: none',
    isRoots: true,
  }),
  rulesKeyFile: setting({
    key: 'RULES_KEY_FILE',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'a public key (Ed25519, PEM) whose packs riposte rules update accepts, besides the project’s',
    isRoots: true,
  }),
};

/** The values of these settings. */
export type ServerSettings = ValuesOf<typeof SERVER_SETTINGS>;

/** The settings of the responses and of the server. */
export type AllSettings = Settings & ServerSettings;

/**
 * Loads the server's settings. Skips lines about other settings.
 *
 * @param ignore takes the message for a wrong line, which is then ignored; without it, a wrong line is an error
 * @throws RiposteError (CONFIG) naming file, line and key
 */
export function loadServerSettings(
  files: readonly SettingsFile[],
  ignore?: (message: string) => void,
): ServerSettings {
  return loadTable(SERVER_SETTINGS, files, new Map(), ignore);
}

/** Loads the settings of the responses and of the server, like loadServerSettings. @param own the responses' own settings */
export const loadAllSettings = (
  files: readonly SettingsFile[],
  ignore?: (message: string) => void,
  own?: Table,
): AllSettings => ({
  ...loadSettings(files, new Map(), ignore, own),
  ...loadServerSettings(files, ignore),
});
