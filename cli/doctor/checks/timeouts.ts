import { formatDuration } from 'date-fns/formatDuration';
import { intervalToDuration } from 'date-fns/intervalToDuration';
import { arConfTimeouts, repeatedOffenders } from '../../../active-response/duration.ts';
import { ourResponses, SCRIPTS } from '../active-responses.ts';
import { lineOf, sections, textOf } from '../conf.ts';
import { type Examination, isWazuh5 } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** execd takes five values (ExecdConfig). */
const MOST_OFFENDERS = 5;

/** The ledger's times and those of execd go together: neither lets go of an address that the other still holds. */
export const timeouts: Check = (examined) => {
  if (examined.manager === undefined || isWazuh5(examined.manager)) return []; // Wazuh 5 says its time each time
  const longest = longestOf(examined);
  const wrong = [...unread(examined), ...outlived(longest, examined), ...renewedSilently(examined)];
  const seen =
    examined.settings.blockFor.length > 0
      ? 'BLOCK_FOR ends each block'
      : `the manager’s longest time is ${spell(longest)}`;
  return orOk(
    wrong,
    longest === 0 && examined.settings.blockFor.length === 0 ? 'the manager sets no time' : seen,
  );
};

/** How long execd may hold an address, in seconds. */
function longestOf({ arConf, conf }: Examination): number {
  const timed = SCRIPTS.flatMap((script) => arConfTimeouts(arConf, script));
  const longest = Math.max(0, ...timed, ...ourResponses(conf).map(({ timeout }) => timeout));
  return longest === 0 ? 0 : Math.max(longest, ...offendersOfExecd(conf).seconds);
}

/** `<repeated_offenders>` as execd reads it: the first of them, in minutes. */
function offendersOfExecd(conf: Examination['conf']): { seconds: number[]; given: number; line: string } {
  const element = sections(conf, 'active-response').find(
    (each) => textOf(each, 'repeated_offenders') !== undefined,
  );
  const values = (element === undefined ? '' : (textOf(element, 'repeated_offenders') ?? ''))
    .split(',')
    .filter((each) => each.trim() !== '');
  const seconds = values.slice(0, MOST_OFFENDERS).map((each) => (Number.parseInt(each, 10) || 0) * 60);
  return { seconds, given: values.length, line: element === undefined ? '' : lineOf(element) };
}

/** What execd reads in ossec.conf and a response does not: the kernel would end such a block too early. */
function unread({ conf }: Examination): Judged[] {
  const { seconds, given, line } = offendersOfExecd(conf);
  const known = Math.max(0, ...repeatedOffenders(conf?.text));
  const most = Math.max(0, ...seconds);
  const plain = `<repeated_offenders>${seconds.map((each) => each / 60).join(',')}</repeated_offenders>`;
  if (most > known) {
    const why = `execd may block for ${spell(most)}, which the ledger does not know`;
    return [problem(`${conf?.file}: <repeated_offenders> of ${line}: ${why}`, `write it as ${plain}`)];
  }
  if (given > MOST_OFFENDERS)
    return [
      warning(`${conf?.file}: execd takes five of the ${given} <repeated_offenders> of ${line}`, plain),
    ];
  return [];
}

/** While execd holds an address it answers no alert about it, whatever BLOCK_FOR has let go meanwhile. */
function outlived(longest: number, { settings: { blockFor }, home }: Examination): Judged[] {
  const [first] = blockFor;
  if (first === undefined || longest <= first) return [];
  const why = `BLOCK_FOR lets an address go after ${spell(first)}, and for ${spell(longest)} execd starts nothing about it again`;
  return [
    problem(
      why,
      `BLOCK_FOR=${longest}s or more in ${home.settings[0]}, or a shorter <timeout> and <repeated_offenders>`,
    ),
  ];
}

/** An alert about an address that is blocked only restarts execd's clock, and nobody tells the ledger. */
function renewedSilently({ settings, conf, home }: Examination): Judged[] {
  const goesOn =
    settings.ports.length > 0 ||
    ourResponses(conf).some(({ element }) => /all|any/.test(textOf(element, 'location') ?? ''));
  const isCovered = settings.blockFor.length > 0 || offendersOfExecd(conf).seconds.length > 0;
  if (!goesOn || isCovered) return [];
  const why =
    'alerts about an address can go on while it is blocked (ports, or location all), and renew execd’s time alone';
  return [warning(why, `BLOCK_FOR=1d,7d, or other times, in ${home.settings[0]}`)];
}

const spell = (seconds: number): string =>
  formatDuration(intervalToDuration({ start: 0, end: seconds * 1000 })) || '0 seconds';
