import { setTimeout as sleep } from 'node:timers/promises';
import { writeFeedState } from '../../active-response/operator/feed-state.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import type { CrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { counted } from '../../base/counted.ts';
import { attempt } from '../../base/errors.ts';
import { ConditionLog } from '../condition-log.ts';
import { carryOut } from './carry-out.ts';
import { type ReadDecision, readDecision, type Wanted, wantedBy } from './decision.ts';
import { type Changes, Decisions } from './decisions.ts';

/**
 * If no line arrives for this time, in milliseconds, the batch ends. At its start, the bouncer writes its whole list
 * without a pause.
 */
const PAUSE = 200;

/** The most lines that are carried out together. */
const MOST = 100_000;

/** The longest line, in bytes. */
const LONGEST = 64 * 1024;

/** The settings of a feed that reads lines. */
export interface LinesOptions {
  readonly context: ResponseContext;
  readonly settings: CrowdsecSettings;
  /** MAX_IMPORTED. */
  readonly most: number;
  readonly say: (text: string) => void;
}

/**
 * Carries out the decisions that crowdsec-custom-bouncer writes to its program with `feed_via_stdin`: one JSON object
 * per line, a decision with `action`, "add" or "del" (pkg/custom/custom.go). The bouncer writes only the longest
 * decision about an address, and writes "del" when no decision about it is left.
 *
 * @returns when the input has ended
 */
export async function feedLines(input: AsyncIterable<Buffer>, options: LinesOptions): Promise<void> {
  const { context, settings, most, say } = options;
  const decisions = new Decisions();
  const wanted = wantedBy(settings);
  const conditions = new ConditionLog(say);
  const how = { context, most, mayBeEmpty: true, peers: new Set<string>() };
  for await (const lines of batches(input)) {
    const { runs, wrong } = runsOf(lines, wanted);
    if (wrong > 0)
      conditions.begin(
        'lines',
        `Riposte cannot read ${counted(wrong, 'line')} as decisions of crowdsec-custom-bouncer`,
      );
    for (const { added, deleted } of runs) {
      const changes: Changes = decisions.change(added, deleted);
      const { blocked, released, remarks } = await carryOut(changes, false, how);
      if (blocked + released > 0) say(`CrowdSec: ${blocked} blocked, ${released} released`);
      for (const remark of remarks) conditions.begin(`remark ${remark.replace(/\d+/g, '')}`, remark);
    }
    const pulled = new Date().toISOString();
    const state = { pid: process.pid, from: 'stdin', pulled, decisions: decisions.size };
    attempt(() => writeFeedState(context.home, { ...state, reported: 0, unreported: 0 }));
  }
}

/** Deletions, and the additions after them. */
interface Run {
  readonly added: ReadDecision[];
  readonly deleted: ReadDecision[];
}

/** Divides lines so that the order of additions and deletions is kept. */
export function runsOf(
  lines: readonly string[],
  wanted: Wanted,
): { readonly runs: readonly Run[]; readonly wrong: number } {
  const runs: Run[] = [];
  let wrong = 0;
  for (const line of lines) {
    const decision = attempt(() => JSON.parse(line));
    const action = decision?.action;
    if (action !== 'add' && action !== 'del') {
      wrong++;
      continue;
    }
    const last = runs.at(-1);
    const isNext = last === undefined || (action === 'del' && last.added.length > 0);
    const run = isNext ? { added: [], deleted: [] } : last;
    if (isNext) runs.push(run);
    if (action === 'add') run.added.push(readDecision(decision, wanted));
    // A deletion without an id ends every decision about the address, as the bouncer intends.
    else run.deleted.push(readDecision({ ...decision, id: undefined }, wanted, true));
  }
  return { runs, wrong };
}

/** Yields lines in batches; a pause ends a batch. */
async function* batches(input: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let lines: string[] = [];
  let wake = () => {};
  let drained = () => {};
  let isEnded = false;
  let failure: unknown;
  const read = async () => {
    for await (const line of linesIn(input)) {
      lines.push(line);
      wake();
      if (lines.length >= MOST)
        await new Promise<void>((resolve) => {
          drained = resolve;
        });
    }
  };
  read()
    .catch((error) => {
      failure = error;
    })
    .finally(() => {
      isEnded = true;
      wake();
    });
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  while (!isEnded || lines.length > 0) {
    if (lines.length === 0) await change();
    for (let seen = -1; seen < lines.length && lines.length < MOST && !isEnded; ) {
      seen = lines.length;
      await sleep(PAUSE);
    }
    const batch = lines;
    lines = [];
    drained();
    if (batch.length > 0) yield batch;
  }
  if (failure !== undefined) throw failure;
}

/** Yields lines. Cuts a line that is too long; a cut line is not valid JSON. */
async function* linesIn(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of input) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = (parts.pop() ?? '').slice(0, LONGEST);
    for (const part of parts) if (part !== '') yield part;
  }
  if (rest !== '') yield rest;
}
