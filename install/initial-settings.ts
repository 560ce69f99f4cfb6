import { MAIL_SETTINGS } from '../active-response/settings/mail-settings.ts';
import { SERVER_SETTINGS } from '../active-response/settings/server-settings.ts';
import { SETTINGS } from '../active-response/settings/settings.ts';
import { type Address, parseAddress } from '../base/address.ts';
import { utf8 } from '../base/bytes.ts';
import { printable } from '../base/printable.ts';
import type { Dialect } from '../engine/dialect.ts';
import { readXml } from '../engine/xml/read-xml.ts';

/**
 * A riposte.conf that sets nothing, with every setting as a comment.
 *
 * @param found lines that set something: LOGS and its formats, for a host without a manager
 */
export function initialSettings(found: readonly string[] = []): string {
  const settings = Object.values({ ...SETTINGS, ...SERVER_SETTINGS, ...MAIL_SETTINGS }).map(
    ({ key, fallback, form, means }) => `# ${means}\n# (${form})\n#${key}=${fallback}\n`,
  );
  return [
    '# Settings of Riposte: KEY=value. Laid out by riposte install, and never changed by it again.\n# A line such as #KEY=value shows the default.\n',
    ...settings,
    ...(found.length > 0 ? [`# Found when riposte was installed:\n${found.join('\n')}\n`] : []),
  ].join('\n');
}

/** A credentials file without values, which only root can read from the start. */
export const initialCredentials =
  '# For root alone (mode 0600): the login at MAIL_SERVER, and the URL of a webhook. Riposte refuses this file\n# when others can read it.\n#USER=\n#PASSWORD=\n#WEBHOOK_URL=https://\n';

/**
 * A riposte.allow with the addresses and prefixes of ossec.conf's white_list, which OSSEC 4 also calls allow_list
 * (`Read_Global`), and which only the manager uses. Its host names and patterns become comments: a response must not
 * wait for DNS.
 *
 * @param ossecConf its text (latin1)
 */
export function initialAllowList(ossecConf: string, file: string, dialect: Dialect): string {
  const head = '# Addresses that Riposte never blocks: an address or a prefix a line.\n';
  const entries = whiteList(ossecConf, file, dialect).map((text) => {
    const address = addressOf(text);
    return address ? `${address.text}\n` : `# not an address: ${printable(utf8(text))}\n`;
  });
  return entries.length === 0
    ? head
    : `${head}# From the white_list (allow_list) of ossec.conf:\n${entries.join('')}`;
}

function whiteList(ossecConf: string, file: string, dialect: Dialect): string[] {
  return readXml(ossecConf, file, dialect)
    .filter(({ name }) => name === 'ossec_config')
    .flatMap(({ children }) => children)
    .filter(({ name }) => name === 'global')
    .flatMap(({ children }) => children)
    .filter(({ name }) => name === 'white_list' || (name === 'allow_list' && dialect === 'ossec'))
    .map(({ text }) => text.trim());
}

/** Reads an address; OSSEC also accepts 192.168.2.0/255.255.255.0. */
function addressOf(text: string): Address | undefined {
  const [host = '', mask = ''] = text.split('/');
  try {
    if (!mask.includes('.')) return parseAddress(text);
    const bits = parseAddress(mask).value.toString(2);
    return /^1{1,32}0*$/.test(bits) && bits.length === 32
      ? parseAddress(`${host}/${bits.replaceAll('0', '').length}`)
      : undefined;
  } catch {
    return undefined;
  }
}
