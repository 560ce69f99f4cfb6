import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { EX, RiposteError } from '../errors.ts';
import { fileError, isMissing } from '../files.ts';
import type { Home } from '../home.ts';
import { printable } from '../printable.ts';
import type { MailSettings } from '../settings/mail-settings.ts';

/** What only root may know: how to log in at the mail server, and the webhook's URL, which is its own password. */
export interface Credentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly webhookUrl?: string | undefined;
}

const KEYS = ['USER', 'PASSWORD', 'WEBHOOK_URL'];

/** Where the credentials lie. */
export const credentialsFile = (
  { root }: Home,
  { mailCredentials }: Pick<MailSettings, 'mailCredentials'>,
): string => mailCredentials || join(root, 'etc/riposte.mail');

/**
 * Reads the file of credentials; none when there is no such file.
 *
 * @throws RiposteError (CONFIG) when others can read or have written it, and for a line that is none of ours; never
 * with a value of it in the message
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
    throw refusal(file, 'has a WEBHOOK_URL that is no https:// URL (http:// on this host alone)');
  return { user, password, webhookUrl };
}

/** By the descriptor: what is looked at is what is read. */
function readPrivate(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', file, error);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw refusal(file, 'is no regular file');
    if (stats.uid !== 0 && stats.uid !== process.getuid?.())
      throw refusal(file, `belongs to user ${stats.uid}: chown root ${file}`);
    if ((stats.mode & 0o077) !== 0)
      throw refusal(file, `can be read by others than root: chmod 600 ${file}, and change what stands in it`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** In the clear the URL would be everybody's on the way. */
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
