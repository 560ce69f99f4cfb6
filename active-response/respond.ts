import { parseTarget } from './address.ts';
import type { Backend } from './backend/backend.ts';
import { dryExecutor, realExecutor } from './backend/execute.ts';
import { blockSeconds } from './duration.ts';
import { EX, RiposteError } from './errors.ts';
import { readIfThere } from './files.ts';
import { protectedBecause, type Surroundings } from './guard/guard.ts';
import type { Home } from './home.ts';
import { type Block, dropBlock, endBlock, hasEnded, readBlock, readEnded, writeBlock } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import type { Answer } from './protocol/handshake.ts';
import type { Request } from './protocol/request.ts';
import type { Settings } from './settings/settings.ts';
import { type Settling, settle } from './settle.ts';

/** One active response: its name, and what it can block with. */
export interface Response {
  readonly name: string;
  /** One line for the usage text. */
  readonly summary: string;
  readonly backends: Record<string, (settings: Settings, home: Home) => Backend>;
  /** The name of the backend for a new block. @throws RiposteError when this host has none */
  readonly choose: (settings: Settings, env: NodeJS.ProcessEnv) => string;
}

/** Everything around one request. */
export interface Circumstances {
  readonly response: Response;
  readonly home: Home;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** The script's file name, as ar.conf has it. */
  readonly script: string;
  /** True when a person typed the command. */
  readonly byHand: boolean;
  /** Where a dry run says what it would do; undefined for a real run. */
  readonly dryRun: ((line: string) => void) | undefined;
  /** Asks the manager whether to act on this key. */
  readonly ask: (key: string) => Promise<Answer>;
}

/**
 * The one path that every block and unblock takes: request → guard → ledger → backend.
 *
 * @throws RiposteError when the request is wrong or could not be carried out; then the ledger says so too
 */
export async function respond(request: Request, around: Circumstances): Promise<Outcome> {
  const { home, settings, env, dryRun } = around;
  const address = parseTarget(request.address);
  const executor = dryRun
    ? dryExecutor(settings.commandTimeout, env, dryRun)
    : realExecutor(settings.commandTimeout, env);
  const settling: Settling = {
    home,
    response: around.response.name,
    backendOf: (name) => backendOf(around, name),
    executor,
  };
  const before = readBlock(home, around.response.name, address.text);
  if (request.command === 'delete') return unblock(request, around, settling, before);
  const ossecConf = readIfThere(home.ossecConf);
  const surroundings: Surroundings = {
    home,
    env,
    ossecConf,
    executor,
    allowPrivate: settings.allowPrivate,
    byHand: around.byHand ? 'on a terminal' : request.protocol === 'ossec' ? 'maybe' : 'no',
  };
  const why = protectedBecause(address, surroundings);
  if (why !== undefined)
    return { word: 'held', reason: `${address.text} is never blocked: ${why}`, address: address.text };
  const answer = await around.ask(address.text);
  // execd has renewed its own timer; a block that we still know of must not end before that.
  if (answer === 'abort' && !before) {
    return { word: 'already', reason: 'the manager says that it is blocked', address: address.text };
  }
  const block = newBlock(request, around, address.text, before, ossecConf);
  const outcome = carryOut(block, before, settling);
  return answer === 'silence'
    ? { ...outcome, reason: `${outcome.reason}; the manager gave no answer` }
    : outcome;
}

function newBlock(
  request: Request,
  { response, home, settings, env, script }: Circumstances,
  address: string,
  before: Block | undefined,
  ossecConf: string | undefined,
): Block {
  const now = Date.now();
  const current = before && !hasEnded(before, now) ? before : undefined;
  const last = before ?? readEnded(home, response.name, address);
  const offence = current?.offence ?? (last?.offence ?? 0) + 1;
  const files = { ossecConf, arConf: readIfThere(home.arConf) };
  const seconds = blockSeconds(request, script, offence, settings, files);
  return {
    address,
    response: response.name,
    backend: response.choose(settings, env),
    since: current?.since ?? new Date(now).toISOString(),
    until: seconds === undefined ? null : new Date(now + seconds * 1000).toISOString(),
    offence,
    rule: request.ruleId,
    level: request.ruleLevel,
    alert: request.alertId,
    location: request.location,
  };
}

/** Ledger first, then the backend. When that fails the ledger says so, and a sweep tries again. */
function carryOut(block: Block, before: Block | undefined, settling: Settling): Outcome {
  const address = parseTarget(block.address);
  const { home, executor } = settling;
  const end = block.until === null ? 'until deleted' : `until ${block.until}`;
  const reason = `${end}, offence ${block.offence}, by ${block.backend}`;
  if (executor.dryRun) {
    const seconds =
      block.until === null ? undefined : Math.round((Date.parse(block.until) - Date.now()) / 1000);
    settling
      .backendOf(block.backend)
      .apply({ verb: 'block', address, seconds, known: before !== undefined }, executor);
    return { word: 'blocked', reason, address: block.address, block };
  }
  writeBlock(home, block);
  try {
    settle(address, before, settling);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    if (!before && FINAL.has(error.exitCode)) dropBlock(home, block);
    else writeBlock(home, { ...block, failed: error.message });
    throw error;
  }
  return { word: 'blocked', reason, address: block.address, block };
}

/** Failures that will be the same at the next try: the block is not kept as one to be made good. */
const FINAL = new Set<number>([EX.CONFIG, EX.CANTCREAT]);

function unblock(
  request: Request,
  around: Circumstances,
  settling: Settling,
  before: Block | undefined,
): Outcome {
  const address = parseTarget(request.address);
  if (!before) return { word: 'already', reason: 'it was not blocked', address: address.text };
  const { home, executor, response } = settling;
  const keeps = around.settings.blockFor.length > 0 && !around.byHand && !hasEnded(before, Date.now());
  if (keeps)
    return { word: 'kept', reason: `BLOCK_FOR keeps it until ${before.until}`, address: address.text };
  if (executor.dryRun)
    settling.backendOf(before.backend).apply({ verb: 'unblock', address, known: true }, executor);
  else if (endBlock(home, response, address.text)) settle(address, before, settling);
  return {
    word: 'unblocked',
    reason: `by ${before.backend}, since ${before.since}`,
    address: address.text,
    block: before,
  };
}

function backendOf({ response, settings, home }: Circumstances, name: string): Backend {
  const make = response.backends[name];
  if (make === undefined) throw new RiposteError(EX.SOFTWARE, `${response.name} has no backend ${name}`);
  return make(settings, home);
}
