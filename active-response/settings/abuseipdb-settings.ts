import { loadTable } from './load.ts';
import { setting, type ValuesOf } from './settings.ts';
import { path, yesOrNo } from './values.ts';

/**
 * The settings of riposte.conf for AbuseIPDB, whose keys begin with ABUSEIPDB_. They are in a table of their own: the
 * scripts that block do not carry or read them, so a wrong setting never prevents a block.
 */
export const ABUSEIPDB_SETTINGS = {
  abuseipdbReport: setting({
    key: 'ABUSEIPDB_REPORT',
    fallback: 'no',
    initial: false,
    parse: yesOrNo,
    form: 'yes or no',
    means: 'whether the addresses that this host blocks for a rule are reported to AbuseIPDB',
  }),
  abuseipdbKeyFile: setting({
    key: 'ABUSEIPDB_KEY_FILE',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'the file that only root reads: KEY of AbuseIPDB; <home>/etc/riposte.abuseipdb when empty',
    isRoots: true,
  }),
};

/** The values of these settings. */
export type AbuseipdbSettings = ValuesOf<typeof ABUSEIPDB_SETTINGS>;

/**
 * Loads the settings for AbuseIPDB. Skips lines about other settings.
 *
 * @param ignore takes the message for a wrong line, which is then ignored; without it, a wrong line is an error
 * @throws RiposteError (CONFIG) naming file, line and key
 */
export const loadAbuseipdbSettings = (
  files: readonly string[],
  ignore?: (message: string) => void,
): AbuseipdbSettings => loadTable(ABUSEIPDB_SETTINGS, files, new Map(), ignore);
