import { addressesIn, overlaps, parseAddress } from '../../base/address.ts';
import { loadTable, type SettingsFile } from './load.ts';
import { setting, type ValuesOf } from './settings.ts';
import { path, seconds } from './values.ts';

/** Networks where a key may travel unencrypted: loopback and private ones. */
const NEAR = ['127.0.0.0/8', '::1', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].map(
  parseAddress,
);

/** The URL of a LAPI: https, or http within this host and private networks. An empty text means none. */
function lapiUrl(text: string): string | undefined {
  if (text === '') return text;
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return undefined;
  const [address] = addressesIn(hostname.replace(/^\[|\]$/g, ''));
  const isNear = hostname === 'localhost' || (address && NEAR.some((each) => overlaps(each, address)));
  return protocol === 'https:' || (protocol === 'http:' && isNear) ? text.replace(/\/+$/, '') : undefined;
}

/** Words with commas between them. An empty text gives an empty list. */
function words(text: string): string[] | undefined {
  const items = text.split(',').flatMap((item) => item.trim() || []);
  return items.every((item) => /^[\w.:/-]{1,80}$/.test(item)) ? items : undefined;
}

/** The kinds of decisions that name addresses. */
function scopes(text: string): string[] | undefined {
  const items = words(text.toLowerCase());
  return items?.every((item) => item === 'ip' || item === 'range') && items.length > 0 ? items : undefined;
}

/** A time between two pulls. */
function poll(text: string): number | undefined {
  const value = seconds(text);
  return value !== undefined && value >= 1 && value <= 3600 ? value : undefined;
}

/** The name of a machine, as cscli accepts it. An empty text means none. */
const machine = (text: string): string | undefined => (/^[\w.-]{0,60}$/.test(text) ? text : undefined);

/**
 * The settings of riposte.conf for CrowdSec, whose keys begin with CROWDSEC_. They are in a table of their own: the
 * scripts that block do not carry or read them, so a wrong setting never prevents a block.
 */
export const CROWDSEC_SETTINGS = {
  crowdsecUrl: setting({
    key: 'CROWDSEC_URL',
    fallback: '',
    initial: '',
    parse: lapiUrl,
    form: 'https://HOST:PORT, or http:// to this host or a private address',
    means: 'the LAPI of CrowdSec whose decisions riposte serve carries out; empty: none',
    isRoots: true,
  }),
  crowdsecKeyFile: setting({
    key: 'CROWDSEC_KEY_FILE',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'the file with this host’s key, for root alone; <home>/etc/riposte.crowdsec-key when empty',
    isRoots: true,
  }),
  crowdsecCa: setting({
    key: 'CROWDSEC_CA',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'certificates (PEM) for checking the LAPI, if no public authority has signed its certificate',
    isRoots: true,
  }),
  crowdsecPoll: setting({
    key: 'CROWDSEC_POLL',
    fallback: '10s',
    initial: 10,
    parse: poll,
    form: 'a time from 1s to 1h',
    means: 'the time between two pulls',
  }),
  crowdsecTypes: setting({
    key: 'CROWDSEC_TYPES',
    fallback: 'ban',
    initial: ['ban'],
    parse: words,
    form: 'types such as ban,captcha',
    means: 'the types of decisions that block; others are left to other bouncers',
  }),
  crowdsecScopes: setting({
    key: 'CROWDSEC_SCOPES',
    fallback: 'ip,range',
    initial: ['ip', 'range'],
    parse: scopes,
    form: 'ip, range, or ip,range',
    means: 'the decisions that block: about addresses, about networks, or both',
  }),
  crowdsecOrigins: setting({
    key: 'CROWDSEC_ORIGINS',
    fallback: '',
    initial: [],
    parse: words,
    form: 'origins such as crowdsec,cscli,CAPI,lists,riposte',
    means: 'the origins of decisions that block; empty: all',
  }),
  crowdsecMachine: setting({
    key: 'CROWDSEC_MACHINE',
    fallback: '',
    initial: '',
    parse: machine,
    form: 'a name of letters, digits, ., _ and -',
    means: 'the machine by which this host reports its own blocks to the LAPI; empty: it reports none',
  }),
  crowdsecPasswordFile: setting({
    key: 'CROWDSEC_PASSWORD_FILE',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'the file with the machine’s password; <home>/etc/riposte.crowdsec-password when empty',
    isRoots: true,
  }),
};

/** The values of these settings. Times are in seconds. */
export type CrowdsecSettings = ValuesOf<typeof CROWDSEC_SETTINGS>;

/**
 * Loads the settings for CrowdSec. Skips lines about other settings.
 *
 * @param ignore takes the message for a wrong line, which is then ignored; without it, a wrong line is an error
 * @throws RiposteError (CONFIG) naming file, line and key
 */
export const loadCrowdsecSettings = (
  files: readonly SettingsFile[],
  ignore?: (message: string) => void,
): CrowdsecSettings => loadTable(CROWDSEC_SETTINGS, files, new Map(), ignore);
