import type { Home } from '../active-response/home.ts';
import type { Ruleset } from '../engine/ruleset/ruleset.ts';
import type { EvaluatedLog } from '../evaluate/evaluated-log.ts';
import type { SourceGuard } from '../evaluate/source-guard.ts';
import type { Exceptions } from '../judgement/exceptions/exceptions.ts';
import type { KnownFormats } from '../logs/formats/known-formats.ts';
import type { SourceProblem } from '../logs/journal/unit-journal.ts';
import type { FoundLogs, SourceLog } from '../logs/sources/find-logs.ts';
import type { LogSource } from '../logs/sources/log-source.ts';
import type { BlockWorkerClient, BlockWorkerOptions } from './block-worker-client.ts';
import type { Hook } from './hook-reports.ts';
import type { MetricsService } from './metrics/metrics-service.ts';
import type { Durations } from './scan/durations.ts';

/** The settings and parts of a server. */
export interface Service {
  readonly home: Home;
  readonly sources: readonly LogSource[];
  /** The logs of the sources at the start. */
  readonly found: FoundLogs;
  /**
   * Makes the readers of logs; error logs come last.
   *
   * @param known the formats known so far @throws RiposteError (CONFIG) for a bad format
   */
  readonly openLogs: (logs: readonly SourceLog[], known: KnownFormats) => EvaluatedLog[];
  /** Finds a problem with the journal of a unit. */
  readonly problemOfJournal: (unit: string, log: EvaluatedLog) => SourceProblem | undefined;
  readonly trustsErrorLog: boolean;
  /** The hosts of this server's own sites. */
  readonly sites: readonly string[];
  /** The known formats of logs at the start. */
  readonly formats: KnownFormats;
  /** Decides which sources are not blocked. */
  readonly guard: SourceGuard;
  /** NETWORK_AFTER; 0 to block no networks. */
  readonly networkAfter: number;
  /** The lowest level of alerts that block their source. */
  readonly level: number;
  /** The block times of sources. An alert that is read too late (`isOver`) blocks nobody. */
  readonly durations: Durations;
  /** ANSWER_RULES: rules that block at any level. */
  readonly answerRules: ReadonlySet<number>;
  /** The name of the response that blocks. */
  readonly response: string;
  /** Starts the worker that blocks; undefined to block nobody. */
  readonly startBlockWorker:
    | ((handlers: Pick<BlockWorkerOptions, 'onResult' | 'onTry'>) => BlockWorkerClient)
    | undefined;
  /** The file of alerts for a manager; undefined for none. */
  readonly alertsFile: string | undefined;
  /** The socket for reports of ModSecurity's hook; undefined when the server accepts no reports. */
  readonly hook: Hook | undefined;
  /** Serves metrics at METRICS_LISTEN; undefined for no metrics. */
  readonly metrics: MetricsService | undefined;
  /** Starts the feed from CrowdSec; undefined for none. */
  readonly startFeed: (() => { close(): Promise<void> } | undefined) | undefined;
  /** Writes a line to the server's own log. */
  readonly say: (text: string) => void;
  /** The file that changes when other rules come into force. */
  readonly rulesFile: string;
  /** @throws RiposteError when the rules cannot be read */
  readonly loadRules: () => Ruleset;
  /** Reads the exceptions: requests that certain rules ignore. @throws RiposteError (CONFIG) for a bad line */
  readonly loadExceptions: (ruleset: Ruleset) => Exceptions;
}
