import { debug, debugError } from '../base/debug.ts';
import { attempt, RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import { applyDecisions, type Ended } from './apply-decisions.ts';
import { type Decision, decide, type Guard, type Question } from './decide.ts';
import { protectedBecause } from './guard/guard.ts';
import type { KnownEntries } from './ledger.ts';
import type { ManagerReply } from './protocol/handshake.ts';
import { protocolOf, type Request } from './protocol/request.ts';
import { type ReconcileContext, reconcileContext } from './reconcile-context.ts';
import { rehearsal } from './record/outcome.ts';
import { record } from './record/record.ts';
import { failure, type RecordedResult, type Result, success } from './record/result.ts';
import type { RequestContext } from './request-context.ts';

/** A request with its decision, or with a question to the manager; nothing is applied yet. */
export interface OpenRequest {
  readonly request: Request;
  readonly context: RequestContext;
  readonly reconciling: ReconcileContext;
  readonly decision: Decision | Question;
}

/**
 * Handles one request from any source: decides, asks the manager, applies and records. Returns a failure as a result.
 */
export async function handleRequest(
  request: Request,
  context: RequestContext,
  ask?: (key: string) => Promise<ManagerReply>,
): Promise<RecordedResult> {
  let open = openRequest(request, context);
  const { decision } = open;
  if ('after' in decision) open = withReply(open, (await ask?.(decision.address.text)) ?? 'continue');
  return (await closeRequests([open]))[0] as RecordedResult;
}

/** Decides about a request. Changes nothing. */
export function openRequest(
  request: Request,
  context: RequestContext,
  reconciling = reconcileContext(context),
  guard: Guard = protectedBecause,
  read = readIfThere,
  known?: KnownEntries,
): OpenRequest {
  const decision = attempt(() => decide(request, context, reconciling.executor, guard, read, known));
  return { request, context, reconciling, decision };
}

/** Completes the decision with the manager's reply. */
export function withReply(open: OpenRequest, reply: ManagerReply): OpenRequest {
  const { decision } = open;
  return 'after' in decision ? { ...open, decision: attempt(() => decision.after(reply)) } : open;
}

/**
 * Applies and records requests together. All decisions must be complete.
 *
 * @param all requests about different addresses, with the same reconcile context
 */
export async function closeRequests(all: readonly OpenRequest[]): Promise<RecordedResult[]> {
  const [first] = all;
  if (!first) return [];
  const decisions = all.map(({ decision }) => decision as Decision);
  const ended = await applyDecisions(decisions, first.reconciling);
  const results = all.map(({ request, context }, index) => resultOf(request, context, ended[index] as Ended));
  const errors = recordAll(all, results);
  return results.map((result, index) => ({ ...result, unwritten: errors[index] ?? [] }));
}

function resultOf(request: Request, { rehearsed }: RequestContext, ended: Ended): Result {
  if (ended instanceof RiposteError) debugError(ended);
  const result =
    ended instanceof RiposteError
      ? failure(request, ended)
      : success(request, rehearsed ? rehearsal(ended, rehearsed) : ended);
  debug('outcome', () => result.outcome);
  return result;
}

/** Records results, all results with the same context in one write. @returns the errors of each result */
function recordAll(all: readonly OpenRequest[], results: readonly Result[]): RiposteError[][] {
  const errors: RiposteError[][] = results.map(() => []);
  const groups = new Map<RequestContext, number[]>();
  for (const [index, { request, context }] of all.entries()) {
    // The operator has already seen the output of a dry run. A manager sees only the log.
    const isSeen = context.dryRun && protocolOf(request.source) === 'ossec';
    if (isSeen || context.isRecorded?.(results[index] as Result) === false) continue;
    const group = groups.get(context);
    if (group) group.push(index);
    else groups.set(context, [index]);
  }
  for (const [{ home, response, script, elapsed, id }, group] of groups) {
    const some = group.map((index) => results[index] as Result);
    const why = record(home, response.name, script, some, { spent: elapsed?.(), asked: id });
    for (const index of group) errors[index] = why;
  }
  return errors;
}
