import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import type { AbuseipdbSettings } from '../../active-response/settings/abuseipdb-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readPrivateValues } from '../../base/private-file.ts';
import { isSafeUrl } from '../../base/safe-url.ts';

/** The API of AbuseIPDB, and the key for it. */
export interface AbuseipdbAccess {
  /** Without a slash at the end. */
  readonly url: string;
  readonly key: string;
  /** The file with the key. */
  readonly file: string;
}

const API = 'https://api.abuseipdb.com/api/v2';

/** The path of the file with the key. */
export const keyFile = (
  { root }: Home,
  { abuseipdbKeyFile }: Pick<AbuseipdbSettings, 'abuseipdbKeyFile'>,
): string => abuseipdbKeyFile || join(root, 'etc/riposte.abuseipdb');

/**
 * Reads the key. Messages never contain it.
 *
 * @throws RiposteError (CONFIG) when the key is missing, or when another account can read the file
 */
export function abuseipdbAccess(home: Home, settings: AbuseipdbSettings): AbuseipdbAccess {
  const file = keyFile(home, settings);
  const values = readPrivateValues(file, ['KEY', 'URL']);
  if (values === undefined)
    throw refusal(
      `${file} does not exist: create it with mode 600 and the line KEY=… (your key of AbuseIPDB)`,
    );
  const { KEY: key, URL: url = API } = values;
  if (key === undefined || !/^[\x21-\x7e]{1,1024}$/.test(key)) throw refusal(`${file} has no line KEY=…`);
  if (!isSafeUrl(url))
    throw refusal(`${file} has a URL that is not an https:// URL (http:// on this host alone)`);
  return { url: url.replace(/\/$/, ''), key, file };
}

const refusal = (why: string): RiposteError => new RiposteError(EX.CONFIG, why);
