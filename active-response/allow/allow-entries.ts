import { type AllowEntry, readEntries } from '../guard/entries.ts';
import { readBytes } from '../guard/rewrite.ts';
import { whiteListOf } from '../guard/white-list.ts';
import type { Home } from '../home.ts';
import { readOssecConf } from '../ossec-conf.ts';

/** The entries of riposte.allow, and the names in the manager's white_list. @throws RiposteError (CONFIG, IOERR, NOPERM) */
export function allowEntries(home: Home): AllowEntry[] {
  const own = readEntries(readBytes(home.allowList), home.allowList);
  const known = new Set(own.map(({ text }) => text));
  const names = whiteListOf(readOssecConf(home)).flatMap(({ name }) => name ?? []);
  return [...own, ...[...new Set(names)].filter((name) => !known.has(name)).map(entryFor)];
}

/** The entry for a name from ossec.conf, which is in no line of riposte.allow. */
const entryFor = (text: string): AllowEntry => ({
  address: undefined,
  text,
  until: Number.POSITIVE_INFINITY,
  comment: '',
  line: 0,
});
