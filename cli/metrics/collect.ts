import { type Executor, realExecutor } from '../../active-response/backend/execute.ts';
import type { Place } from '../../active-response/circumstances.ts';
import { type ExitCode, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { type Inspection, inspect } from '../../active-response/inspect.ts';
import { settlingOf } from '../../active-response/respond.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { utf8 } from '../bytes.ts';
import { eventIn } from '../history/read-journal.ts';
import { VERSION } from '../version.ts';
import { blocksNow } from './blocks-now.ts';
import { type Counts, countEvent, countRefusal, labelsIn } from './counts.ts';
import { by, type Family } from './family.ts';
import { remembering } from './remembering.ts';
import { type Counted, readCounted, writeCounted } from './state-file.ts';
import { dropped, totals } from './totals.ts';
import { addTraffic, COUNTING, type Dropped } from './traffic.ts';
import { countNew } from './uncounted.ts';

/** The metrics of a home, and what could not be looked at. */
export interface Collected {
  readonly families: readonly Family[];
  readonly failures: readonly { readonly message: string; readonly exitCode: ExitCode }[];
}

/**
 * Counts what is new in journal and log, and looks at ledgers and backends. What fails leaves the others as they are.
 *
 * @param warn takes what a person should know of, and that stops nothing
 * @throws RiposteError (IOERR, NOPERM) when the counts of before cannot be read
 */
export async function collect(
  home: Home,
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void,
): Promise<Collected> {
  const parts = new Parts();
  const settings = loadSettings(home.settings, new Map(), (message) => warn(`${message}: ignored`));
  const places = RESPONSES.map((response): Place => ({ response, home, settings, env, dryRun: undefined }));
  const executor = remembering(realExecutor(settings.commandTimeout, env));
  const before = readCounted(home, warn);
  const afterJournal = await parts.of('journal', before, () => countJournal(home, before));
  const counted = await parts.of('log', afterJournal, () => countLog(home, afterJournal));
  const inspections = new Map<string, Inspection>();
  for (const place of places)
    await parts.of('ledger', undefined, async () => {
      const inspection = inspect(place, { ...settlingOf(place), executor });
      inspections.set(place.response.name, inspection);
      for (const error of inspection.unseen.values()) throw error;
    });
  const traffic = new Map(Object.entries(counted.dropped));
  for (const backend of Object.keys(COUNTING).filter(
    (name) => isUsed(name, inspections) || traffic.has(name),
  ))
    await parts.of('traffic', undefined, async () => {
      const sum = lookAtTraffic(backend, executor, traffic.get(backend), isUsed(backend, inspections));
      if (sum) traffic.set(backend, sum);
    });
  const after: Counted = { ...counted, dropped: Object.fromEntries(traffic) };
  await parts.of('state', undefined, async () => {
    if (hasChanged(before, after)) writeCounted(home, after);
  });
  const families = [
    ...(isKnown(after, parts) ? totals(after.counts) : []),
    ...dropped(after.dropped),
    ...blocksNow(inspections, labelsIn(after.counts)),
    by('version', 'riposte_build_info', 'gauge', 'The version of Riposte.', [[VERSION, 1]]),
    parts.family,
  ];
  return { families, failures: parts.failures };
}

async function countJournal(home: Home, before: Counted): Promise<Counted> {
  let counts: Counts = before.counts;
  const journal = await countNew(home.journal, before.journal, () => {
    counts = structuredClone(before.counts);
    const labels = labelsIn(counts);
    return ({ text, cut }) => {
      const event = cut === 0 ? eventIn(utf8(text)) : undefined;
      if (event) countEvent(counts, event, labels);
    };
  });
  return { ...before, counts, journal };
}

async function countLog(home: Home, before: Counted): Promise<Counted> {
  let counts: Counts = before.counts;
  const log = await countNew(home.activeResponsesLog, before.log, () => {
    counts = structuredClone(before.counts);
    return ({ text }) => countRefusal(counts, text);
  });
  return { ...before, counts, log };
}

/** Whether a backend blocks somebody now. */
const isUsed = (backend: string, inspections: ReadonlyMap<string, Inspection>): boolean =>
  [...inspections.values()].some(
    ({ ledger, held }) =>
      (held.get(backend)?.size ?? 0) > 0 || ledger.blocks.some((block) => block.backend === backend),
  );

function lookAtTraffic(
  backend: string,
  executor: Executor,
  last: Dropped | undefined,
  isInUse: boolean,
): Dropped | undefined {
  const counter = COUNTING[backend];
  if (!counter) return last;
  try {
    return addTraffic(last, counter(executor));
  } catch (error) {
    // A firewall that was used once, and is not there any more, has nothing to add.
    if (error instanceof RiposteError && !isInUse) return last;
    throw error;
  }
}

/** Whether the counts tell of anything: zeros of somebody who may not read what is counted do not. */
const isKnown = ({ journal, log }: Counted, { failed }: Parts): boolean =>
  (journal !== undefined || !failed.has('journal')) && (log !== undefined || !failed.has('log'));

/** Times of reading aside, which change with each look. */
function hasChanged(before: Counted, after: Counted): boolean {
  const textOf = (counted: Counted) => JSON.stringify(counted, (key, value) => (key === 'time' ? '' : value));
  return textOf(before) !== textOf(after);
}

/** What was looked at, and whether that went well. */
class Parts {
  readonly failures: { message: string; exitCode: ExitCode }[] = [];
  readonly #success = new Map<string, number>();

  /** @returns what `work` does, or `otherwise` when it fails */
  async of<T>(part: string, otherwise: T, work: () => Promise<T>): Promise<T> {
    if (!this.#success.has(part)) this.#success.set(part, 1);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.failures.push(error);
      this.#success.set(part, 0);
      return otherwise;
    }
  }

  get failed(): ReadonlySet<string> {
    return new Set([...this.#success].flatMap(([part, success]) => (success === 0 ? [part] : [])));
  }

  get family(): Family {
    const help =
      'Whether the last look at journal, log, ledgers, traffic and the state of all that went well.';
    return by('part', 'riposte_collection_success', 'gauge', help, this.#success);
  }
}
