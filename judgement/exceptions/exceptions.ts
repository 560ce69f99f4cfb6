import { comparedPath } from './path-pattern.ts';
import type { Exception } from './read-exceptions.ts';
import type { ComparedRequest, ExceptedRequest } from './request-condition.ts';

/** The rules that do not judge an excepted request: all rules, or the rules with these ids. */
export type Excepted = 'all' | ReadonlySet<number>;

/**
 * The maximum number of combinations of rules that are kept. It is limited because clients determine the combinations
 * by their requests.
 */
const MOST_COMBINATIONS = 100;

/** The exceptions that an administrator has written: requests that some rules, or all, neither count nor answer. */
export class Exceptions {
  readonly #combinations = new Map<string, ReadonlySet<number>>();

  constructor(private readonly list: readonly Exception[]) {}

  get size(): number {
    return this.list.length;
  }

  /** @returns undefined for a request that no exception matches; the same set for the same exceptions */
  of(request: ExceptedRequest): Excepted | undefined {
    const compared = new Compared(request);
    let rules: ReadonlySet<number> | undefined;
    let indices = '';
    for (let i = 0; i < this.list.length; i++) {
      const exception = this.list[i] as Exception;
      if (!exception.conditions.every((holds) => holds(compared))) continue;
      if (exception.rules === undefined) return 'all';
      indices += ` ${i}`;
      rules = rules === undefined ? exception.rules : this.#combined(indices, rules, exception.rules);
    }
    return rules;
  }

  #combined(indices: string, some: ReadonlySet<number>, more: ReadonlySet<number>): ReadonlySet<number> {
    const known = this.#combinations.get(indices);
    if (known) return known;
    if (this.#combinations.size >= MOST_COMBINATIONS) this.#combinations.clear();
    const all = new Set([...some, ...more]);
    this.#combinations.set(indices, all);
    return all;
  }
}

/** Decodes the path of a request when the first exception compares it. */
class Compared implements ComparedRequest {
  #path: string | undefined;
  #isDecoded = false;

  constructor(readonly request: ExceptedRequest) {}

  get path(): string | undefined {
    if (this.#isDecoded) return this.#path;
    this.#isDecoded = true;
    const { target } = this.request;
    this.#path = target === undefined ? undefined : comparedPath(target);
    return this.#path;
  }
}
