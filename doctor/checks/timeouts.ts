import { formatDuration } from 'date-fns/formatDuration';
import { intervalToDuration } from 'date-fns/intervalToDuration';
import { arConfTimeouts, repeatedOffenders } from '../../active-response/duration.ts';
import { ourResponses, SCRIPTS } from '../active-responses.ts';
import { lineOf, sections, textOf } from '../conf.ts';
import { type Examination, isServerOfWazuh5, isWazuh5 } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** execd reads at most five values (ExecdConfig). */
const MOST_OFFENDERS = 5;

/** Checks that the timeouts of ledger and execd agree: neither may release an address that the other still holds. */
export const timeouts: Check = (examined) => {
  if (examined.manager === undefined || isServerOfWazuh5(examined.manager)) return [];
  if (isWazuh5(examined.manager))
    return orOk(unread(examined), 'Wazuh 5 sends the timeout with each request');
  const longest = longestOf(examined);
  const wrong = [...unread(examined), ...outlived(longest, examined), ...renewedSilently(examined)];
  const seen =
    examined.settings.blockFor.length > 0
      ? 'BLOCK_FOR ends each block'
      : `the manager’s longest timeout is ${spell(longest)}`;
  return orOk(
    wrong,
    longest === 0 && examined.settings.blockFor.length === 0 ? 'the manager sets no timeout' : seen,
  );
};

/** The longest time that execd holds an address, in seconds. */
function longestOf({ arConf, conf }: Examination): number {
  const timed = SCRIPTS.flatMap((script) => arConfTimeouts(arConf, script));
  const longest = Math.max(0, ...timed, ...ourResponses(conf).map(({ timeout }) => timeout));
  return longest === 0 ? 0 : Math.max(longest, ...offendersOfExecd(conf).seconds);
}

/** `<repeated_offenders>` as execd reads it: only the first such element, its values in minutes. */
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

/**
 * Finds times in `<repeated_offenders>` that execd uses but the responses do not read: the kernel would end such a
 * block too early.
 */
function unread({ conf }: Examination): Judged[] {
  const { seconds, given, line } = offendersOfExecd(conf);
  const known = Math.max(0, ...repeatedOffenders(conf?.text));
  const most = Math.max(0, ...seconds);
  const plain = `<repeated_offenders>${seconds.map((each) => each / 60).join(',')}</repeated_offenders>`;
  if (most > known) {
    const why = `execd may block for ${spell(most)}, a time that the ledger does not know`;
    return [problem(`${conf?.file}: <repeated_offenders> of ${line}: ${why}`, `write it as ${plain}`)];
  }
  if (given > MOST_OFFENDERS)
    return [
      warning(
        `${conf?.file}: execd reads only the first five of the ${given} times in <repeated_offenders> of ${line}`,
        `write it as ${plain}`,
      ),
    ];
  return [];
}

/**
 * While execd holds an address, execd ignores alerts about the address, even if BLOCK_FOR has already ended the block.
 */
function outlived(longest: number, { settings: { blockFor }, home }: Examination): Judged[] {
  const [first] = blockFor;
  if (first === undefined || longest <= first) return [];
  const why = `BLOCK_FOR unblocks an address after ${spell(first)}, but execd ignores alerts about it for ${spell(longest)}`;
  return [
    problem(
      why,
      `set BLOCK_FOR=${longest}s or more in ${home.settings[0]}, or a shorter <timeout> and <repeated_offenders>`,
    ),
  ];
}

/**
 * For an alert about a blocked address, execd only restarts the block's timeout. It does not run the script, so the
 * ledger keeps the earlier end of the block.
 */
function renewedSilently({ settings, conf, home, manager }: Examination): Judged[] {
  const canContinue =
    settings.ports.length > 0 ||
    ourResponses(conf).some(({ element }) => /all|any/.test(textOf(element, 'location') ?? ''));
  const isCovered = settings.blockFor.length > 0 || offendersOfExecd(conf).seconds.length > 0;
  if (!canContinue || isCovered) return [];
  const why =
    'alerts about an address can continue while it is blocked (FIREWALL_PORTS, or location all); they restart execd’s timeout, but not the ledger’s';
  // The host that blocks reads BLOCK_FOR from its own settings, and most blocks are made on agents, not on the server.
  const where =
    manager?.role === 'server'
      ? `${home.settings[0]} of each host that blocks, agents too`
      : home.settings[0];
  return [warning(why, `set BLOCK_FOR=1d,7d, or other times, in ${where}`)];
}

const spell = (seconds: number): string =>
  formatDuration(intervalToDuration({ start: 0, end: seconds * 1000 })) || '0 seconds';
