import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import type { CrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readPrivate } from '../../base/private-file.ts';

/** The path of the file with the bouncer's key. */
export const keyFile = (
  { root }: Home,
  { crowdsecKeyFile }: Pick<CrowdsecSettings, 'crowdsecKeyFile'>,
): string => crowdsecKeyFile || join(root, 'etc/riposte.crowdsec-key');

/** The path of the file with the machine's password. */
export const passwordFile = (
  { root }: Home,
  { crowdsecPasswordFile }: Pick<CrowdsecSettings, 'crowdsecPasswordFile'>,
): string => crowdsecPasswordFile || join(root, 'etc/riposte.crowdsec-password');

/**
 * Reads a secret of one line. Messages never contain it.
 *
 * @param setting the key that names the file
 * @throws RiposteError (CONFIG) when it is missing or empty, or when another account can read it
 */
export function readSecret(file: string, setting: string): string {
  const text = readPrivate(file)?.trim();
  if (text === undefined) throw new RiposteError(EX.CONFIG, `there is no ${file} (${setting})`);
  if (!/^[\x21-\x7e]{1,1024}$/.test(text))
    throw new RiposteError(EX.CONFIG, `${file} must contain one line without spaces (${setting})`);
  return text;
}
