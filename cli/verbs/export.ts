import { once } from 'node:events';
import { operatorContexts } from '../../active-response/operator/operator-context.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { type Exported, fromJournal, fromLedgers, type Lists } from '../../report/export/exported.ts';
import { FORMAT_NAMES, FORMATS, type FormatName } from '../../report/export/formats.ts';
import { journalFiles } from '../../report/history/journal-files.ts';
import { wantedOf } from '../../report/history/wanted.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { RESPONSE_OPTION, responsesOf } from '../options/response.ts';
import type { Verb } from '../verb.ts';

/** The period of the journal that AbuseIPDB gets without --since. */
const RECENT = '1d';
/** The number of lines in one write. If the reader is slower, the next write waits. */
const PIECE = 1_000;

/** riposte export: prints blocked addresses in the forms of other programs. */
export const exportBlocks: Verb = {
  summary: 'print blocked addresses for other programs',
  operands: '',
  options: {
    format: { value: FORMAT_NAMES.join('|'), text: 'the form (default plain)' },
    since: { value: 'TIME', text: 'the blocks of the last 7d, or since a date, ended ones too' },
    ...RESPONSE_OPTION,
    origin: { value: 'NAME', text: 'only addresses that this list names (riposte block --file)' },
    'with-lists': { text: 'also addresses that lists name' },
    ...HOME_OPTION,
  },
  notes: `Without --since, it prints the addresses in the ledger; with --since, the blocks in the journal. It leaves
out addresses that imported lists name, so that no program takes them for blocks of this host.
csv is for cscli decisions import, nginx for a geo block's include, haproxy for map_ip, abuseipdb for AbuseIPDB's bulk
report (hosts only, with the rule's categories and description, and nothing of the request; --since ${RECENT} unless given),
stix a bundle of STIX 2.1.`,
  examples: [
    ['riposte export > blocked.txt', 'one address or prefix a line'],
    [
      'riposte export --format csv > blocked.csv && cscli decisions import -i blocked.csv',
      'hand them to CrowdSec',
    ],
  ],

  async run(given, io) {
    if (given.rest.length > 0)
      throw new RiposteError(
        EX.USAGE,
        `export takes options only, not '${printable(given.rest[0] ?? '', 40)}'`,
      );
    const format = formatOf(given.value('format') ?? 'plain');
    const all = await exportedBy(given, format, io);
    await print(FORMATS[format](all, Date.now()), io);
    return EX.OK;
  },
};

function exportedBy(given: Arguments, format: FormatName, io: Io): Promise<Exported[]> | Exported[] {
  const lists = listsOf(given);
  const since = given.value('since') ?? (format === 'abuseipdb' ? RECENT : undefined);
  const home = homeOf(given, io);
  const responses = responsesOf(given);
  if (since === undefined) return fromLedgers(operatorContexts(responses, home, io), lists);
  if (lists !== 'none')
    throw new RiposteError(
      EX.USAGE,
      '--origin and --with-lists need the ledger: leave out --since and abuseipdb',
    );
  const names = given.all('response');
  const wanted = wantedOf({ address: undefined, since, responses: names, events: ['blocked'] });
  return fromJournal(journalFiles(home), wanted);
}

function listsOf(given: Arguments): Lists {
  const only = given.value('origin');
  if (only !== undefined) return { only };
  return given.flag('with-lists') ? 'all' : 'none';
}

function formatOf(text: string): FormatName {
  const format = FORMAT_NAMES.find((name) => name === text);
  if (format !== undefined) return format;
  throw new RiposteError(
    EX.USAGE,
    `--format must be one of ${FORMAT_NAMES.join(', ')}, not '${printable(text, 40)}'`,
  );
}

async function print(lines: readonly string[], io: Io): Promise<void> {
  for (let at = 0; at < lines.length; at += PIECE) {
    if (!io.out(lines.slice(at, at + PIECE).join('\n'))) await once(io.stdout, 'drain');
  }
}
