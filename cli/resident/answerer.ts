import { basename } from 'node:path';
import { carryOutMany, type Decided, type Ended } from '../../active-response/carry-out-many.ts';
import type { Circumstances } from '../../active-response/circumstances.ts';
import { type Decision, decide, type Guard } from '../../active-response/decide.ts';
import { asRiposteError, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import { protector } from '../../active-response/guard/guard.ts';
import type { Home } from '../../active-response/home.ts';
import { circumstancesOf } from '../../active-response/place.ts';
import { parseCommandLine } from '../../active-response/protocol/command-line.ts';
import { questionOf, type Answer as Word } from '../../active-response/protocol/handshake.ts';
import { checkLength } from '../../active-response/protocol/line-reader.ts';
import { parseMessage } from '../../active-response/protocol/message.ts';
import { parseOssec } from '../../active-response/protocol/ossec.ts';
import { Report } from '../../active-response/report.ts';
import { settlingOf } from '../../active-response/respond.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import type { Asked } from './asked.ts';
import type { KeptPrograms } from './kept-programs.ts';

/** What is said to a script: lines for its standard output and error, and how it is to end. */
export interface Said {
  readonly lines: readonly string[];
  /** What the manager is to be asked before there is an end. */
  readonly question?: string;
  /** Absent for a question, and where Node itself is to do the work. */
  readonly exitCode?: ExitCode;
}

/** A request that a manager has been asked about. */
interface Open {
  readonly report: Report;
  readonly lines: string[];
  readonly decided: Decided;
}

/** Answers requests as the scripts would, many at a time. */
export class Answerer {
  readonly #open = new Map<string, Open>();

  constructor(
    private readonly home: Home,
    private readonly kept: KeptPrograms,
    private readonly say: (name: string, said: Said) => void,
  ) {}

  /** True while a manager's word on this request is waited for. */
  waits(name: string): boolean {
    return this.#open.has(name);
  }

  /** Answers these requests, and those whose managers have said their word. */
  async answer(asked: readonly Asked[], replies: ReadonlyMap<string, Word>): Promise<void> {
    const guard = sharedGuard();
    const ready: [name: string, Open][] = [];
    for (const each of asked) {
      const open = this.#begin(each, guard);
      if (open === undefined) continue;
      const { decision } = open.decided;
      const isAsked = decision.is === 'ask' && open.report.request.protocol !== 'ossec';
      if (isAsked) this.#ask(each.name, open, decision.address.text);
      else ready.push([each.name, decision.is === 'ask' ? this.#answered(open, 'continue') : open]);
    }
    for (const [name, word] of replies) {
      const open = this.#open.get(name);
      if (this.#open.delete(name) && open) ready.push([name, this.#answered(open, word)]);
    }
    const ended = await carryOutMany(ready.map(([, { decided }]) => decided));
    for (const [index, [name, open]] of ready.entries()) this.#end(name, open, ended[index] as Ended);
  }

  /** What is to be done about a request; undefined when it is answered already. */
  #begin(asked: Asked, guard: Guard): Open | undefined {
    const response = RESPONSES.find(({ name }) => name === asked.response);
    const lines: string[] = [];
    const began = performance.now();
    const report = new Report(asked.response, asked.script, this.home, {
      write: (descriptor, text) => lines.push(...text.split('\n').map((line) => `${descriptor} ${line}`)),
      elapsed: () => performance.now() - began,
      id: asked.name,
    });
    try {
      const commandLine = parseCommandLine(asked.words);
      const { mode } = commandLine;
      const isOurs = mode === 'arguments' || (mode === 'message' && asked.message !== '');
      if (response === undefined || !isOurs || commandLine.dryRun) {
        this.say(asked.name, { lines: [] });
        return undefined;
      }
      if (mode === 'arguments')
        report.request = { protocol: 'ossec', command: commandLine.words[0] === 'delete' ? 'delete' : 'add' };
      else report.request = { protocol: 'wazuh4' };
      const request =
        mode === 'arguments' ? parseOssec(commandLine.words) : parseMessage(checkLength(asked.message));
      const where = { env: asked.env, byHand: false };
      const around = circumstancesOf(response, report, commandLine, request, where);
      const settling = settlingOf(around, (timeout, env) => this.kept.executor(timeout, env));
      const decision = decide(request, around, settling, guard);
      return { report, lines, decided: { decision, settling, kind: kindOf(around) } };
    } catch (error) {
      this.say(asked.name, { exitCode: report.failure(asRiposteError(error)), lines });
      return undefined;
    }
  }

  #ask(name: string, open: Open, key: string): void {
    this.#open.set(name, open);
    this.say(name, { lines: open.lines.splice(0), question: questionOf(basename(open.report.script), key) });
  }

  /** @returns the same with what the manager's word makes of it */
  #answered(open: Open, word: Word): Open {
    const { decided } = open;
    return { ...open, decided: { ...decided, decision: answered(decided.decision, word) } };
  }

  #end(name: string, { report, lines }: Open, ended: Ended): void {
    const exitCode = ended instanceof RiposteError ? report.failure(ended) : report.outcome(ended);
    this.say(name, { lines, exitCode });
  }
}

/** Backends made of the same settings do the same. */
const kindOf = ({ settings, env }: Omit<Circumstances, 'ask'>): string =>
  JSON.stringify([settings, env.PATH]);

function answered(decision: Decision, word: Word): Decision {
  try {
    return decision.is === 'ask' ? decision.answered(word) : decision;
  } catch (error) {
    return { is: 'failed', error: asRiposteError(error) };
  }
}

/** What is never blocked is looked up once for all requests of the same surroundings. */
function sharedGuard(): Guard {
  const guards = new Map<string, ReturnType<typeof protector>>();
  return (address, around) => {
    const { byHand, allowPrivate, env } = around;
    const key = JSON.stringify([byHand, allowPrivate, env.SSH_CONNECTION, env.SSH_CLIENT, env.PATH]);
    const guard = guards.get(key) ?? protector(around);
    guards.set(key, guard);
    return guard(address);
  };
}
