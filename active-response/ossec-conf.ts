import { readIfThere } from '../base/files.ts';
import type { Home } from './home.ts';

/** The text of ossec.conf, or undefined when there is no manager. @throws RiposteError (IOERR, NOPERM) */
export const readOssecConf = ({ ossecConf }: Home, read = readIfThere): string | undefined =>
  read(ossecConf, { followsLinks: true });

/** ossec.conf without its comments, so that commented-out elements do not count. */
export function withoutComments(xml: string): string {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    const start = xml.indexOf('<!--', at);
    const end = start === -1 ? -1 : xml.indexOf('-->', start + 4);
    // A comment that never ends is left as text, because the manager's address may follow it.
    if (end === -1) return parts.join('') + xml.slice(at);
    parts.push(xml.slice(at, start));
    at = end + 3;
  }
}
