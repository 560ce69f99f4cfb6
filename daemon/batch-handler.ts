import { basename } from 'node:path';
import { requestContext } from '../active-response/context-of.ts';
import type { Guard } from '../active-response/decide.ts';
import { sharedGuard } from '../active-response/guard/shared-guard.ts';
import {
  closeRequests,
  type OpenRequest,
  openRequest,
  withReply,
} from '../active-response/handle-request.ts';
import type { Home } from '../active-response/home.ts';
import { inBatches } from '../active-response/in-batches.ts';
import { parseCommandLine } from '../active-response/protocol/command-line.ts';
import { type ManagerReply, questionOf, shakesHands } from '../active-response/protocol/handshake.ts';
import { checkLength } from '../active-response/protocol/line-reader.ts';
import { parseMessage } from '../active-response/protocol/message.ts';
import { parseOssec } from '../active-response/protocol/ossec.ts';
import { requestBefore } from '../active-response/protocol/request.ts';
import { type ReconcileContext, reconcileContext } from '../active-response/reconcile-context.ts';
import { Report } from '../active-response/record/report.ts';
import type { RecordedResult } from '../active-response/record/result.ts';
import type { RequestContext } from '../active-response/request-context.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { writeTogether } from '../active-response/write-together.ts';
import { asRiposteError, attempt, type ExitCode, RiposteError } from '../base/errors.ts';
import type { ClientRequest } from './client-request.ts';
import type { PersistentProcesses } from './persistent-processes.ts';

/** An answer to a client: lines for its standard output and error, and its exit code. */
export interface ClientAnswer {
  readonly lines: readonly string[];
  /** The question for the manager, whose reply decides how the client ends. */
  readonly question?: string;
  /** Absent for a question, and when the client must run Node. */
  readonly exitCode?: ExitCode;
}

/** A decided request that is not answered yet: it may wait for its manager's reply. */
interface UnansweredRequest {
  readonly name: string;
  readonly report: Report;
  readonly lines: string[];
  readonly request: OpenRequest;
}

/** Handles requests in batches. Each result is the same as if the script had run by itself. */
export class BatchHandler {
  /** The requests that wait for their manager's reply, by name. */
  readonly #open = new Map<string, UnansweredRequest>();
  /**
   * Contexts by their settings. A context is kept while one of its requests waits for a manager's reply, so that this
   * request can be applied in one batch with later requests.
   */
  readonly #contexts = new Map<string, ReconcileContext>();
  /** Requests whose backend cannot act yet. `answer` begins them later, in the order of their arrival. */
  #kept: ClientRequest[] = [];

  /**
   * @param say sends an answer to the client of this request
   * @param wake calls `answer` again after this number of milliseconds
   */
  constructor(
    private readonly home: Home,
    private readonly processes: PersistentProcesses,
    private readonly say: (name: string, answer: ClientAnswer) => void,
    private readonly wake: (milliseconds: number) => void = () => {},
  ) {}

  /** True while this request waits for its manager's reply. */
  waits(name: string): boolean {
    return this.#open.has(name);
  }

  /** Answers new requests, and earlier requests whose managers have replied. */
  async answer(
    requests: readonly ClientRequest[],
    replies: ReadonlyMap<string, ManagerReply>,
  ): Promise<void> {
    if (this.#open.size === 0) this.#contexts.clear();
    const guard = sharedGuard();
    const ready: UnansweredRequest[] = [];
    for (const each of [...this.#kept.splice(0), ...requests]) {
      const open = this.#begin(each, guard);
      if (open === undefined) continue;
      const { decision, request } = open.request;
      const needsReply = 'after' in decision && shakesHands(request.source);
      if (needsReply) this.#ask(open, decision.address.text);
      else ready.push({ ...open, request: withReply(open.request, 'continue') });
    }
    for (const [name, reply] of replies) {
      const open = this.#open.get(name);
      if (this.#open.delete(name) && open) ready.push({ ...open, request: withReply(open.request, reply) });
    }
    for (const batch of inBatches(ready)) {
      const results = await closeRequests(batch.map(({ request }) => request));
      for (const [index, { name, report, lines }] of batch.entries()) {
        const exitCode = report.handled(results[index] as RecordedResult);
        this.say(name, { lines, exitCode });
      }
    }
  }

  /** Decides about a request. @returns undefined if the request is answered already, or kept */
  #begin(client: ClientRequest, guard: Guard): UnansweredRequest | undefined {
    const response = RESPONSES.find(({ name }) => name === client.response);
    const lines: string[] = [];
    const began = performance.now();
    const report = new Report(client.response, client.script, this.home, {
      write: (descriptor, text) => lines.push(...text.split('\n').map((line) => `${descriptor} ${line}`)),
      elapsed: () => performance.now() - began,
      id: client.name,
    });
    try {
      const commandLine = parseCommandLine(client.words, response?.settings);
      const { mode } = commandLine;
      const isHandled = mode === 'arguments' || (mode === 'message' && client.message !== '');
      if (response === undefined || !isHandled || commandLine.dryRun) {
        this.say(client.name, { lines: [] });
        return undefined;
      }
      report.request = requestBefore(mode, commandLine.words);
      const request =
        mode === 'arguments'
          ? parseOssec(commandLine.words, commandLine.origin)
          : parseMessage(checkLength(client.message));
      const context = requestContext(response, report, commandLine, request, { env: client.env });
      const reconciling = this.#reconciling(context);
      if (this.#isKept(client, context, reconciling)) return undefined;
      return { name: client.name, report, lines, request: openRequest(request, context, reconciling, guard) };
    } catch (error) {
      this.say(client.name, { exitCode: report.failure(asRiposteError(error)), lines });
      return undefined;
    }
  }

  /**
   * Keeps a request until its backend can act at once. If this thread waited, it could answer no other request
   * meanwhile.
   */
  #isKept(
    client: ClientRequest,
    { response, settings, env }: RequestContext,
    { backendOf }: ReconcileContext,
  ): boolean {
    // A host without a backend cannot block, but it can unblock, and can say that an address is protected.
    const name = attempt(() => response.choose(settings, env));
    const milliseconds = name instanceof RiposteError ? 0 : (backendOf(name).pause?.() ?? 0);
    if (milliseconds <= 0) return false;
    this.#kept.push(client);
    this.wake(milliseconds);
    return true;
  }

  /** The same object for requests with the same settings, so that they are applied in one batch. */
  #reconciling(context: RequestContext): ReconcileContext {
    if (context.dryRun) return reconcileContext(context);
    const { response, settings, env } = context;
    const key = JSON.stringify([response.name, settings, env.PATH]);
    const shared = this.#contexts.get(key) ?? {
      ...reconcileContext(context, (timeout, env) => this.processes.executor(timeout, env)),
      writeTogether,
    };
    this.#contexts.set(key, shared);
    return shared;
  }

  #ask(open: UnansweredRequest, key: string): void {
    const { name } = open;
    this.#open.set(name, open);
    this.say(name, { lines: open.lines.splice(0), question: questionOf(basename(open.report.script), key) });
  }
}
