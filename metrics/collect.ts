import type { Upkeep } from '../active-response/backend/upkeep.ts';
import type { Home } from '../active-response/home.ts';
import { repeatedContext } from '../active-response/kept-listing.ts';
import { eventIn } from '../active-response/record/journal-event.ts';
import type { ResponseContext } from '../active-response/request-context.ts';
import { allBackends } from '../active-response/response/all-backends.ts';
import { ownSettings } from '../active-response/response/own-settings.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { loadSettings } from '../active-response/settings/load.ts';
import { type Inspection, inspect } from '../active-response/sweep/inspect.ts';
import { utf8 } from '../base/bytes.ts';
import { type ExitCode, RiposteError } from '../base/errors.ts';
import { type Executor, realExecutor } from '../base/execute.ts';
import { VERSION } from '../base/version.ts';
import { blocksNow } from './blocks-now.ts';
import { type Counts, countEvent, countRefusal, labelsIn } from './counts.ts';
import { crowdsecMetrics } from './crowdsec.ts';
import { by, type Family } from './family.ts';
import { remembering } from './remembering.ts';
import { type Counted, readCounted, writeCounted } from './state-file.ts';
import { dropped, totals } from './totals.ts';
import { addTraffic, type Dropped } from './traffic.ts';
import { countNew } from './uncounted.ts';

/** The metrics of a home, and the errors of the parts that could not be read. */
export interface Collected {
  readonly families: readonly Family[];
  readonly failures: readonly { readonly message: string; readonly exitCode: ExitCode }[];
}

/**
 * Counts the new lines of journal and log, and reads ledgers and backends. If a part fails, the others continue.
 *
 * @param warn takes messages about problems that do not stop the collection
 * @throws RiposteError (IOERR, NOPERM) if the previous counts cannot be read
 */
export async function collect(
  home: Home,
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void,
): Promise<Collected> {
  const parts = new Parts();
  const settings = loadSettings(
    home.settings,
    new Map(),
    (message) => warn(`${message}: ignored`),
    ownSettings(RESPONSES),
  );
  const contexts = RESPONSES.map(
    (response): ResponseContext => ({ response, home, settings, env, dryRun: undefined }),
  );
  const executor = remembering(realExecutor(settings.commandTimeout, env));
  const before = readCounted(home, warn);
  const afterJournal = await parts.of('journal', before, () => countJournal(home, before));
  const counted = await parts.of('log', afterJournal, () => countLog(home, afterJournal));
  const inspections = new Map<string, Inspection>();
  for (const context of contexts)
    await parts.of('ledger', undefined, async () => {
      const inspection = inspect(context, { ...repeatedContext(context), executor });
      inspections.set(context.response.name, inspection);
      for (const error of inspection.unseen.values()) throw error;
    });
  const traffic = new Map(Object.entries(counted.dropped));
  for (const { name, upkeep } of allBackends()) {
    const counters = upkeep?.counters;
    const last = traffic.get(name);
    const isInUse = isUsed(name, inspections);
    if (counters === undefined || !(isInUse || last)) continue;
    await parts.of('traffic', undefined, async () => {
      const sum = sumTraffic(counters, executor, last, isInUse);
      if (sum) traffic.set(name, sum);
    });
  }
  const after: Counted = { ...counted, dropped: Object.fromEntries(traffic) };
  await parts.of('state', undefined, async () => {
    if (hasChanged(before, after)) writeCounted(home, after);
  });
  const families = [
    ...(isKnown(after, parts) ? totals(after.counts) : []),
    ...dropped(after.dropped),
    ...blocksNow(inspections, labelsIn(after.counts)),
    ...crowdsecMetrics(home),
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

/** True if a backend blocks any address now. */
const isUsed = (backend: string, inspections: ReadonlyMap<string, Inspection>): boolean =>
  [...inspections.values()].some(
    ({ ledger, held }) =>
      (held.get(backend)?.size ?? 0) > 0 || ledger.blocks.some((block) => block.backend === backend),
  );

function sumTraffic(
  counters: NonNullable<Upkeep['counters']>,
  executor: Executor,
  last: Dropped | undefined,
  isInUse: boolean,
): Dropped | undefined {
  try {
    return addTraffic(last, counters(executor));
  } catch (error) {
    // A firewall that is no longer in use may be gone; its last sum stays.
    if (error instanceof RiposteError && !isInUse) return last;
    throw error;
  }
}

/** False if journal or log was never counted, because this user may not read it. Then zeros would be wrong. */
const isKnown = ({ journal, log }: Counted, { failed }: Parts): boolean =>
  (journal !== undefined || !failed.has('journal')) && (log !== undefined || !failed.has('log'));

/** Compares the counts without the times of reading, which always differ. */
function hasChanged(before: Counted, after: Counted): boolean {
  const textOf = (counted: Counted) => JSON.stringify(counted, (key, value) => (key === 'time' ? '' : value));
  return textOf(before) !== textOf(after);
}

/** Runs the parts of a collection, and notes whether each succeeded. */
class Parts {
  readonly failures: { message: string; exitCode: ExitCode }[] = [];
  readonly #success = new Map<string, number>();

  /** @returns the result of `work`, or `otherwise` if it fails */
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
      '1 if the last reading of journal, log, ledgers, traffic or the saved counts succeeded, else 0.';
    return by('part', 'riposte_collection_success', 'gauge', help, this.#success);
  }
}
