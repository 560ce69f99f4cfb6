import { parseEnv } from 'node:util';
import { EX, RiposteError } from '../../../base/errors.ts';
import { readPrivate } from '../../../base/private-file.ts';
import { isSafeUrl } from '../../../base/safe-url.ts';
import { setting, type ValuesOf } from '../../settings/settings.ts';
import { absolutePath } from '../../settings/values.ts';
import type { ListAccess } from './api.ts';

/** A Cloudflare id, or an empty text. */
const id = (text: string): string | undefined =>
  /^([\da-f]{32})?$/i.test(text) ? text.toLowerCase() : undefined;

export const CLOUDFLARE_SETTINGS = {
  cloudflareAccount: setting({
    key: 'CLOUDFLARE_ACCOUNT',
    fallback: '',
    initial: '',
    parse: id,
    form: 'an id of 32 hexadecimal digits',
    means: 'the account with the list of cloudflare-deny',
  }),
  cloudflareList: setting({
    key: 'CLOUDFLARE_LIST',
    fallback: '',
    initial: '',
    parse: id,
    form: 'an id of 32 hexadecimal digits',
    means: 'the list of addresses that a rule at Cloudflare blocks',
  }),
  cloudflareTokenFile: setting({
    key: 'CLOUDFLARE_TOKEN_FILE',
    fallback: '/etc/riposte.cloudflare',
    initial: '/etc/riposte.cloudflare',
    parse: absolutePath,
    form: 'an absolute path',
    means: 'the file that only root reads: TOKEN, which may edit the account’s lists',
    isRoots: true,
  }),
};

type CloudflareSettings = ValuesOf<typeof CLOUDFLARE_SETTINGS>;

const API = 'https://api.cloudflare.com/client/v4';

/**
 * The list and its token.
 *
 * @throws RiposteError (CONFIG) when one of them is missing, or another account can read the token
 */
export function listAccess(settings: CloudflareSettings): ListAccess {
  const { cloudflareAccount: account, cloudflareList: list, cloudflareTokenFile: file } = settings;
  const missing = account === '' ? 'CLOUDFLARE_ACCOUNT' : list === '' ? 'CLOUDFLARE_LIST' : undefined;
  if (missing) throw refusal(`riposte.conf sets no ${missing}`);
  const text = readPrivate(file);
  if (text === undefined) throw refusal(`there is no ${file}: put TOKEN=… into it, with mode 600`);
  const { TOKEN: token, URL: url = API } = parseEnv(text);
  if (!token || !/^[\x21-\x7e]+$/.test(token)) throw refusal(`${file} has no line TOKEN=…`);
  if (!isSafeUrl(url))
    throw refusal(`${file} has a URL that is not an https:// URL (http:// on this host alone)`);
  return { account, list, token, url: url.replace(/\/$/, '') };
}

const refusal = (why: string): RiposteError => new RiposteError(EX.CONFIG, why);
