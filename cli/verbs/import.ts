import type { Home } from '../../active-response/home.ts';
import { keepDownload, keptDownload } from '../../active-response/operator/list/kept-download.ts';
import { download } from '../../base/download.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { shownUrl } from '../../base/safe-url.ts';
import {
  blockContext,
  checkOrigin,
  DEFAULT_RESPONSE,
  importText,
  LONGEST_LIST,
} from '../list/import-text.ts';
import { HOME_OPTION } from '../options/home.ts';
import { DRY_RUN_OPTION, REASON_OPTION } from '../options/reason.ts';
import { RESPONSE_NAMES } from '../options/response.ts';
import type { Verb } from '../verb.ts';

/** riposte import: downloads a list that others publish, and blocks the addresses in the list. */
export const importLists: Verb = {
  summary: 'download a list and block the addresses that it names',
  operands: 'URL',
  options: {
    response: { value: RESPONSE_NAMES, text: `the response that blocks (default ${DEFAULT_RESPONSE})` },
    for: { value: 'TIME', text: 'the time of the blocks, such as 2d, or forever; overrides BLOCK_FOR' },
    reason: REASON_OPTION,
    origin: { value: 'NAME', text: 'the list’s name in the ledger (default: the host’s name)' },
    'allow-empty': { text: 'accept a list without any address' },
    'dry-run': DRY_RUN_OPTION,
    ...HOME_OPTION,
  },
  notes: `Releases the addresses that the list named before and no longer names. A server that knows ETag or Last-Modified sends
a list only when the list has changed. If the list has not changed, Riposte renews the blocks from its own copy.
The URL must begin with https://. Riposte follows redirects to the same host only, and reads at most ${LONGEST_LIST >> 20} MB. If
the list cannot be downloaded, nothing changes: its blocks end after --for. The exit status is then ${EX.TEMPFAIL} or ${EX.UNAVAILABLE}.
For a timer, use --for with twice the time between two imports. The form of a list: riposte help block.`,
  examples: [
    [
      'riposte import https://www.spamhaus.org/drop/drop.txt --origin drop --for 2d',
      'block the addresses of the list DROP, and release its earlier ones',
    ],
  ],

  async run(given, io) {
    const [url, ...others] = given.rest;
    if (url === undefined || others.length > 0) throw new RiposteError(EX.USAGE, 'import needs one URL');
    if (!/^https?:/i.test(url))
      throw new RiposteError(
        EX.USAGE,
        `${shownUrl(url)} is not an https:// URL; to import a file of this host: riposte block --file FILE --replace-origin`,
      );
    const origin = checkOrigin(given.value('origin') ?? hostOf(url));
    // A dry run prints no commands: a list may need thousands of them.
    const context = blockContext('import', given, io, given.flag('dry-run') ? () => true : undefined);
    const { text, hasChanged, keep } = await newestOf(context.home, origin, url);
    if (!hasChanged) io.out(`${origin}: the list has not changed`);
    const list = { text, from: new URL(url).host, origin, isWhole: true };
    const exitCode = await importText(list, given, context, io);
    if (hasChanged && context.dryRun === undefined) keep();
    return exitCode;
  },
};

/** The newest version of a list, and whether it differs from the kept copy. */
async function newestOf(home: Home, origin: string, url: string) {
  const kept = keptDownload(home, origin, url);
  const { bytes, ...marks } = await download(url, LONGEST_LIST, kept);
  if (bytes === undefined) return { text: kept?.text ?? '', hasChanged: false, keep: () => {} };
  const text = bytes.toString();
  // An error page may contain an address on a line of its own: importing the page would release all other addresses.
  if (/^\ufeff?\s*</.test(text))
    throw new RiposteError(
      EX.DATAERR,
      `${new URL(url).host} sends a web page instead of a list; nothing was changed`,
    );
  return { text, hasChanged: true, keep: () => keepDownload(home, origin, { url, text, ...marks }) };
}

/** @returns `list` for a text that is not a URL: `download` refuses the text */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname.slice(0, 40) : 'list');
