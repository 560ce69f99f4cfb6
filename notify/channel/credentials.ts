import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Home } from '../../active-response/home.ts';
import type { MailSettings } from '../../active-response/settings/mail-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { readPrivate } from '../../base/private-file.ts';

/** Secrets for root alone: the mail server's login, and the webhook's URL, which is its own password. */
export interface Credentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly webhookUrl?: string | undefined;
}

const KEYS = ['USER', 'PASSWORD', 'WEBHOOK_URL'];

/** The path of the credentials file. */
export const credentialsFile = (
  { root }: Home,
  { mailCredentials }: Pick<MailSettings, 'mailCredentials'>,
): string => mailCredentials || join(root, 'etc/riposte.mail');

/**
 * Reads the credentials file; returns no credentials when it is missing.
 *
 * @throws RiposteError (CONFIG) when another account can read it or owns it, and for an unknown line; the message never
 * contains a value
 */
export function readCredentials(file: string): Credentials {
  const text = readPrivate(file);
  if (text === undefined) return {};
  const values = parseEnv(text);
  const unknown = Object.keys(values).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    throw refusal(file, `has an unknown key ${printable(unknown, 40)}; there are ${KEYS.join(', ')}`);
  const [user, password, webhookUrl] = KEYS.map((key) => values[key]?.trim() || undefined);
  if ((user === undefined) !== (password === undefined))
    throw refusal(file, `has ${user ? 'a USER and no PASSWORD' : 'a PASSWORD and no USER'}`);
  if (webhookUrl !== undefined && !isSafeUrl(webhookUrl))
    throw refusal(file, 'has a WEBHOOK_URL that is not an https:// URL (http:// on this host alone)');
  return { user, password, webhookUrl };
}

/** An unencrypted URL could be read on its way. */
function isSafeUrl(text: string): boolean {
  try {
    const { protocol, hostname } = new URL(text);
    const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
    return protocol === 'https:' || (protocol === 'http:' && isHere);
  } catch {
    return false;
  }
}

const refusal = (file: string, why: string): RiposteError => new RiposteError(EX.CONFIG, `${file} ${why}`);
