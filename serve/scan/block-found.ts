import { loggedInFrom } from '../../active-response/guard/logged-in.ts';
import { handleRequests } from '../../active-response/handle-requests.ts';
import { type Home, scriptOf } from '../../active-response/home.ts';
import { ipv6Prefix } from '../../active-response/networks.ts';
import { LONGEST_DESCRIPTION, LONGEST_LOG } from '../../active-response/protocol/fields.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { record } from '../../active-response/record/record.ts';
import { type RecordedResult, type Result, success } from '../../active-response/record/result.ts';
import type { RequestContext, ResponseContext } from '../../active-response/request-context.ts';
import { isKept } from '../../active-response/unrecorded.ts';
import { parseAddress, parseHost } from '../../base/address.ts';
import { utf8 } from '../../base/bytes.ts';
import { attempt, EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { sourceNetwork } from '../../logs/source-network.ts';
import { enqueuer } from '../../notify/enqueue-request.ts';
import { type Durations, timesFor } from './durations.ts';

/**
 * Blocks the sources of detections in one batch, with the same code as a manager's requests. The class of a detection
 * decides how long the block lasts.
 *
 * @returns for each detection, in the same order, a result, or a RiposteError: (CONFIG) when settings or allow list are
 * wrong, (IOERR, NOPERM) when the block could not be recorded
 */
export async function blockFound(
  detections: readonly Detection[],
  context: ResponseContext,
  durations: Durations,
): Promise<(Result | RiposteError)[]> {
  const { home, response } = context;
  const began = performance.now();
  const isAlone = mustBeAlone(ipv6Prefix({ source: 'server' }, context.settings));
  const requests = detections.map((detection) => ({
    ...requestOf(detection, durations),
    prefix: isAlone(utf8(detection.address)) ? 128 : detection.prefix,
  }));
  const results = await handleOncePerNetwork(requests, {
    ...context,
    script: scriptOf(home, response.name),
    elapsed: () => performance.now() - began, // since this batch began, because the process handles many batches
    isRecorded: ({ exitCode }) => exitCode !== EX.CONFIG,
  });
  const enqueue = enqueuer(home);
  return results.map((result, index) => {
    const error = errorOf(result);
    // A failed block is retried, and the retry queues the message.
    const isFinal = result.exitCode === EX.OK || result.exitCode === EX.CANTCREAT;
    const queued = error || !isFinal ? error : attempt(() => enqueue(requests[index] as Request));
    return queued instanceof RiposteError ? queued : withRemark(result);
  });
}

/**
 * Handles requests. If several requests are for one network, handles the first; if it blocks the network, the other
 * requests get its result. Otherwise handles the other requests, too, because the guard may have limited the first
 * block to a single address.
 *
 * @returns the outcome of each request, in the same order
 */
async function handleOncePerNetwork(
  requests: readonly Request[],
  context: RequestContext,
): Promise<RecordedResult[]> {
  const results = new Map<Request, RecordedResult>();
  const handle = async (some: readonly Request[]) => {
    const ended = await handleRequests(some, context);
    for (const [index, request] of some.entries()) results.set(request, ended[index] as RecordedResult);
  };
  const firsts = new Map<string, Request>();
  const others: [network: string, Request][] = [];
  for (const request of requests) {
    const network = chosenNetwork(request);
    if (network !== undefined && firsts.has(network)) others.push([network, request]);
    else firsts.set(network ?? `${firsts.size}`, request);
  }
  await handle([...firsts.values()]);
  for (const [network, request] of others) {
    const result = results.get(firsts.get(network) as Request);
    if (result?.exitCode === EX.OK && result.outcome.address === network) results.set(request, result);
  }
  const left = others.flatMap(([, request]) => (results.has(request) ? [] : request));
  if (left.length > 0) await handle(left);
  return requests.map((request) => results.get(request) as RecordedResult);
}

/** The network that the server has chosen to block for a request; undefined for none. */
function chosenNetwork({ address = '', prefix }: Request): string | undefined {
  const network = prefix === undefined ? undefined : attempt(() => parseAddress(`${address}/${prefix}`).text);
  return typeof network === 'string' && network.includes('/') ? network : undefined;
}

/**
 * Returns a check for IPv6 addresses that must be blocked without their network, because the network carries IPv4
 * addresses of many clients, or a user is logged in from it. The guard itself checks all other protected addresses.
 */
function mustBeAlone(prefix: number): (address: string) => boolean {
  let logins: ReadonlySet<string> | undefined;
  return (address) => {
    if (!address.includes(':') || prefix === 128) return false;
    const network = sourceNetwork(address, prefix);
    logins ??= new Set([...loggedInFrom()].map((each) => sourceNetwork(each, prefix)));
    return network === address || logins.has(network);
  };
}

/**
 * Records in log and journal that the source of a detection was deliberately not blocked (`held`).
 *
 * @returns the errors of writing
 */
export function recordHeld(
  detection: Detection,
  reason: string,
  { home, response, durations }: HoldingContext,
): RiposteError[] {
  const { text } = parseHost(utf8(detection.address));
  const held = success(requestOf(detection, durations), {
    word: 'held',
    reason: `${text} is not blocked: ${reason}`,
    address: text,
  });
  return record(home, response, scriptOf(home, response), [held], { spent: 0 });
}

/** The context in which a held detection is recorded. */
export interface HoldingContext {
  readonly home: Home;
  /** The response's name. */
  readonly response: string;
  readonly durations: Durations;
}

function requestOf(detection: Detection, durations: Durations): Request {
  const { address, rule, level, location, description, line } = detection;
  return {
    source: 'server',
    command: 'add',
    address: utf8(address),
    ruleId: String(rule),
    ruleLevel: level,
    location: utf8(location),
    description: printable(description, LONGEST_DESCRIPTION),
    log: printable(utf8(line), LONGEST_LOG),
    extraArguments: [],
    times: timesFor(detection, durations),
  };
}

function errorOf({ exitCode, outcome, unwritten }: RecordedResult): RiposteError | undefined {
  if (exitCode === EX.CONFIG) return new RiposteError(exitCode, outcome.reason);
  return unwritten.find((error) => !isKept(error));
}

/** Adds to the reason that lines of log or journal are kept only in memory. */
function withRemark(result: RecordedResult): Result {
  const { outcome, unwritten } = result;
  const reason = [outcome.reason, ...unwritten.map(({ message }) => message)].join('; ');
  return { ...result, outcome: { ...outcome, reason } };
}
