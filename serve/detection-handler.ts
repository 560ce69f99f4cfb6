import { readBlock } from '../active-response/ledger.ts';
import { isBlock } from '../active-response/record/outcome.ts';
import { parseTarget } from '../base/address.ts';
import { utf8 } from '../base/bytes.ts';
import { attempt, RiposteError } from '../base/errors.ts';
import type { Detection } from '../evaluate/detection.ts';
import type { Objection } from '../evaluate/source-guard.ts';
import { AlertsFile } from './alerts-file.ts';
import type { BlockResult, BlockWorkerClient } from './block-worker-client.ts';
import type { ConditionLog } from './condition-log.ts';
import { RecentDetections } from './recent-detections.ts';
import type { Capped } from './scan/block-cap.ts';
import { recordHeld } from './scan/block-found.ts';
import { isOver, severityOf } from './scan/durations.ts';
import { NetworkOffenders, offendersLedger } from './scan/network-offenders.ts';
import type { Service } from './service.ts';
import type { WatchedLog } from './watched-log.ts';

/** Handles detections: blocks the address, writes a line for the manager, or only reports. */
export class DetectionHandler {
  blocked = 0;
  failed = 0;
  readonly #blockWorker: BlockWorkerClient | undefined;
  readonly #alertsFile: AlertsFile | undefined;
  readonly #offenders: NetworkOffenders;
  readonly #recent = new RecentDetections((address) => this.#isInLedger(address));
  /** The sources whose claim to be a robot is being checked, each with the condition of its detection. */
  readonly #unproved = new Set<string>();
  /** The log of each detection that is not handled yet. */
  readonly #logOf = new Map<Detection, WatchedLog>();

  constructor(
    private readonly service: Service,
    conditions: ConditionLog,
  ) {
    const { alertsFile, startBlockWorker, networkAfter, guard, home, response } = service;
    this.#offenders = new NetworkOffenders(networkAfter, guard, offendersLedger(home, response));
    this.#blockWorker = startBlockWorker?.({
      onResult: (...result) => this.#onResult(...result),
      onTry: (detection) => {
        detection.prefix = this.#offenders.prefixFor(detection);
      },
    });
    if (alertsFile !== undefined)
      this.#alertsFile = new AlertsFile(alertsFile, conditions, (detection) => this.#onWritten(detection));
  }

  /** The number of requested blocks that are not yet in place. */
  get pending(): number {
    return this.#unproved.size + (this.#blockWorker?.pending ?? 0);
  }

  /** The number of blocks that Riposte itself has decided; undefined when this server blocks nobody. */
  get capped(): Capped | undefined {
    return this.#blockWorker?.capped;
  }

  /**
   * @param log the log with the detection's line, if any
   * @param isLate true when the line was written while no server ran
   */
  handle(detection: Detection, log?: WatchedLog, isLate = false): void {
    if (log) this.#logOf.set(detection, log);
    if (detection.claim) void this.#awaitProof(detection, isLate);
    else this.#decide(detection, isLate);
  }

  /**
   * Waits for the check whether the source is a robot. Meanwhile the server continues to read. For each source and
   * condition, only one detection waits.
   */
  async #awaitProof(detection: Detection, isLate: boolean): Promise<void> {
    const waiting = `${detection.address} ${detection.claim?.holds}`;
    if (this.#unproved.has(waiting)) return this.#finish(detection);
    this.#unproved.add(waiting);
    const holds = await this.service.guard.holds(detection);
    this.#unproved.delete(waiting);
    if (holds) this.#decide(detection, isLate);
    else this.#finish(detection);
  }

  #decide(detection: Detection, isLate: boolean): void {
    const { address } = detection;
    const source = sourceOf(detection);
    if (isLate && isOver(detection, this.service.durations, Date.now() / 1000)) {
      this.service.say(`${source}: Riposte read the log too late: the block would have ended by now`);
      this.#finish(detection);
    } else if (!this.#recent.isNew(address, severityOf(detection), this.service.guard.networkOf(address)))
      this.#finish(detection);
    else this.#act(detection, source);
  }

  /** Tries again to write the alerts that could not be written to their file. Call this periodically. */
  flush(): void {
    this.#alertsFile?.flush();
  }

  /** Waits at most `patience` milliseconds for pending blocks. */
  async close(patience: number): Promise<void> {
    this.flush();
    for (let waited = 0; waited < patience && this.pending > 0; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await this.#blockWorker?.close();
  }

  #act(detection: Detection, source: string): void {
    const { say } = this.service;
    const objection = this.#objectionTo(detection);
    if (objection?.isRobot && !this.#isNews(detection, objection)) {
      this.#finish(detection);
      return;
    }
    if (objection || (!this.#blockWorker && !this.#alertsFile)) {
      say(`${source}: ${objection ? `${objection.word}: ${objection.reason}` : 'would be blocked'}`);
      this.#finish(detection);
      return;
    }
    this.#blockWorker?.block(detection, !this.#logOf.has(detection));
    this.#alertsFile?.write(detection);
  }

  /**
   * Records once a day that a proved robot was not blocked. Does not remember the detection as recent, because an exploit
   * from the same robot a moment later must be handled.
   *
   * @returns false if this was already recorded today
   */
  #isNews(detection: Detection, { reason }: Objection): boolean {
    const { address } = detection;
    const { guard, say } = this.service;
    this.#recent.forget(address);
    if (!guard.robots.isNews(address)) return false;
    const isSimulated = !this.#blockWorker && !this.#alertsFile;
    const errors = isSimulated ? [] : recordHeld(detection, reason, this.service);
    for (const { message } of errors) say(message);
    return true;
  }

  /** Leaves the guard's full check to the block worker, or to the manager's script, which checks on its own host. */
  #objectionTo(detection: Detection): Objection | undefined {
    const { guard } = this.service;
    if (this.#blockWorker) return guard.held(detection);
    if (this.#alertsFile) return guard.held(detection) ?? guard.refused(detection);
    const found = attempt(() => guard.objection(detection));
    return found instanceof RiposteError
      ? { word: 'held', reason: `${found.message}: nobody is blocked` }
      : found;
  }

  #onWritten(detection: Detection): void {
    if (this.#blockWorker) return;
    this.service.say(`${sourceOf(detection)}: passed to the manager`);
    this.#finish(detection);
  }

  #onResult(detection: Detection, { word, reason, ...result }: BlockResult, triesAgain: boolean): void {
    const { address, rule, level, location } = detection;
    const network = this.service.guard.networkOf(address);
    const target = result.address?.includes('/') || result.address === network ? result.address : address;
    const again = triesAgain ? '; Riposte will try again' : '';
    const why = `rule ${rule} (level ${level}) in ${location}`;
    const source = target === address ? utf8(address) : `${utf8(address)} (${target})`;
    this.service.say(`${source}: ${word}: ${reason}${again}; ${why}`);
    if (isBlock({ word })) {
      this.blocked++;
      this.#recent.blocked(address, target);
      if (result.isFinding && result.address !== undefined && result.until !== undefined)
        this.#offenders.blocked({ address: result.address, until: result.until });
    }
    if (word === 'failed') this.failed++;
    if (triesAgain) return;
    if (word === 'failed') this.#recent.forget(address);
    this.#finish(detection);
  }

  /** Marks a detection as handled, so that its line is not read again after a crash. */
  #finish(detection: Detection): void {
    this.#logOf.get(detection)?.handled(detection);
    this.#logOf.delete(detection);
  }

  #isInLedger(address: string): boolean {
    const { home, response } = this.service;
    try {
      return readBlock(home, response, parseTarget(utf8(address)).text) !== undefined;
    } catch {
      return true; // not an address, or an unreadable entry: a new block would not help
    }
  }
}

const sourceOf = ({ address, rule, level, location }: Detection): string =>
  `${utf8(address)}: rule ${rule} (level ${level}) in ${location}`;
