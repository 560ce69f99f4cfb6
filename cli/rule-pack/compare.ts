import type { Home } from '../../active-response/home.ts';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import type { Io } from '../../base/io.ts';
import { usePackFiles } from '../../base/pack-overlay.ts';
import { answerRules } from '../../evaluate/answers/answered.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { formatRulesOf } from '../../evaluate/format-rules.ts';
import { loadExceptions } from '../../evaluate/own-files.ts';
import { Hearsay, REQUESTS_OF_WHOLE_LOGS } from '../../logs/hearsay.ts';
import { parseLogSource } from '../../logs/sources/log-source.ts';
import type { Arguments } from '../arguments.ts';
import { type Replayed, replayAll } from '../except/compare.ts';
import { readingChoice } from '../options/formats.ts';
import { levelOf } from '../options/level.ts';
import { ownRulesetInForce } from '../options/ruleset.ts';
import { replayGuard } from '../replay/replay-guard.ts';
import { replayedLogs } from '../replay/replayed-logs.ts';
import { describeBlock } from '../replay/report.ts';
import { DAY, logsSince } from './last-day.ts';

/** The maximum number of sources of each kind to show. */
const MOST_SHOWN = 10;

type Files = ReadonlyMap<string, string>;

/**
 * Replays the last day of LOGS with two packs' files, and prints each source that only one pack blocks, or that the two
 * packs block by different rules. Afterwards the process uses the second pack.
 */
export async function sayDifferences(
  before: Files,
  after: Files,
  given: Arguments,
  home: Home,
  io: Io,
): Promise<void> {
  const { logs } = loadServerSettings(home.settings);
  if (logs.length === 0) {
    usePackFiles(after);
    io.out('no logs to replay: LOGS of riposte.conf is empty');
    return;
  }
  const now = Math.floor(Date.now() / 1000);
  const replay = (files: Files) => {
    usePackFiles(files);
    return replayLastDay(logs, now, given, home, io);
  };
  const [old, fresh] = [await replay(before), await replay(after)];
  io.out(
    `the last day of LOGS, ${fresh.lines} lines: the rules in force block ${old.blocks.size} sources, the new ones ${fresh.blocks.size}`,
  );
  sayBlocks('newly blocked', missingIn(old, fresh), io);
  sayBlocks('no longer blocked', missingIn(fresh, old), io);
  sayBlocks('blocked by another rule', answeredOtherwise(old, fresh), io);
}

async function replayLastDay(
  logs: readonly string[],
  now: number,
  given: Arguments,
  home: Home,
  io: Io,
): Promise<Replayed> {
  const own = loadServerSettings(home.settings);
  const settings = { trustedProxies: own.trustedProxies, home, commandTimeout: undefined };
  const formats = formatRulesOf(readingChoice(given), settings, now);
  const guard = replayGuard(given, io);
  const ruleset = ownRulesetInForce(given, home);
  const evaluator = {
    trustsErrorLog: own.trustErrorLog,
    hasErrorLog: true,
    sites: own.sites,
    ipv6Prefix: guard.ipv6Prefix,
    answerRules: answerRules(own.answerRules),
    exceptions: loadExceptions(home, ruleset),
    hearsay: new Hearsay({ requests: REQUESTS_OF_WHOLE_LOGS }),
  };
  const since = now - DAY;
  const operands = logsSince(
    logs.map((text) => parseLogSource(text)),
    since,
    io,
  );
  const rules = { ruleset, level: levelOf(given.value('level')), now, evaluator };
  const { lines, blocks } = await replayAll(await replayedLogs(operands, formats), rules, guard, io);
  return { lines, blocks: new Map([...blocks].filter(([, { time }]) => time >= since)) };
}

const missingIn = (one: Replayed, other: Replayed): Detection[] =>
  [...other.blocks].flatMap(([source, detection]) => (one.blocks.has(source) ? [] : detection));

const answeredOtherwise = (old: Replayed, fresh: Replayed): Detection[] =>
  [...fresh.blocks].flatMap(([source, detection]) => {
    const before = old.blocks.get(source);
    return before !== undefined && before.rule !== detection.rule ? detection : [];
  });

function sayBlocks(what: string, found: readonly Detection[], io: Io): void {
  if (found.length === 0) return;
  io.out(`${what}: ${found.length}`);
  for (const each of found.slice(0, MOST_SHOWN)) io.out(describeBlock(each));
  if (found.length > MOST_SHOWN) io.out(`and ${found.length - MOST_SHOWN} more`);
}
