import { fail2ban } from './fail2ban.ts';
import { CHAINS, ossecChain } from './ossec.ts';
import { printTable } from './table.ts';
import { LIMIT, PATIENCE, riposteServe, type Subject, timesToBlock } from './time-to-block.ts';

/** Lines of plain traffic a second, and the number of attackers. */
const [RATE, BLOCKS] = [1000, 200];

/**
 * Prints the time from the line in the log to the block in the kernel, for `riposte serve`, for fail2ban, and for the
 * chain of an OSSEC server. A subject that cannot be measured is reported and skipped.
 *
 * @param ossecHome the home of an OSSEC server, with or without agents
 */
export async function untilBlocked(ossecHome: string | undefined): Promise<void> {
  const chains = ossecHome === undefined ? [] : CHAINS.map((rules) => ossecChain(ossecHome, rules));
  const subjects = [riposteServe, fail2ban, ...chains];
  const rows: (string | number)[][] = [];
  for (const subject of subjects) {
    const why = subject.isMissing();
    if (why) console.log(`\nskipped: ${subject.name}: ${why}`);
    else rows.push([subject.name, String(RATE), ...(await figures(subject))]);
  }
  printTable(
    'From the line in the log to the block in the kernel, in milliseconds',
    ['', 'lines/s', 'blocked', 'median', '99 %', 'longest'],
    rows,
  );
}

async function figures(subject: Subject): Promise<(string | number)[]> {
  const { name, looksEvery } = subject;
  if (looksEvery) {
    const minutes = Math.ceil((looksEvery * BLOCKS) / 60_000);
    console.log(
      `\n${name}: reads its log every ${looksEvery / 1000} s, so this takes about ${minutes} minutes, ${LIMIT / 60_000} at most`,
    );
  }
  try {
    const { times, endedEarly } = await timesToBlock(subject, RATE, BLOCKS);
    if (endedEarly) console.log(`\n${name}: ${endedEarly}`);
    const sorted = times.sort((a, b) => a - b);
    const at = (share: number) =>
      inWords(sorted[Math.min(times.length - 1, Math.floor(times.length * share))]);
    return [`${times.filter(Number.isFinite).length} of ${BLOCKS}`, at(0.5), at(0.99), at(1)];
  } catch (error) {
    console.log(`\n${name}: ${(error as Error).message}`);
    process.exitCode = 1;
    return ['failed', '-', '-', '-'];
  }
}

const inWords = (time = Number.NaN): string | number =>
  Number.isNaN(time) ? '-' : Number.isFinite(time) ? time : `not in ${PATIENCE / 1000} s`;
