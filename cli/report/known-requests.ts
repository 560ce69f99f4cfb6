import { ownCopy } from './own-copy.ts';
import { LOOKED_AT, type RequestInLog, requestIn } from './request-in.ts';

/** How many are remembered at once, and how long the text of one may be: that bounds the memory. */
const MOST = 4096;
const LONGEST = 1024;
const NONE: RequestInLog = {};

/** Finds requests in lines of logs. Attackers ask for the same again and again: what was found in such a line is remembered. */
export class KnownRequests {
  readonly #known = new Map<string, RequestInLog>();

  /**
   * What requestIn() finds in the line of a log.
   *
   * @param head the line up to the first backslash in its JSON @param tail its JSON from there on, empty where there is none
   */
  in(head: string, tail: string): RequestInLog {
    if (tail === '') return NONE; // without a quote there is no request
    // From its first quote on the line tells the request, whatever address and time stand before that.
    const tells = tail.startsWith('\\"') && !head.endsWith('[uri ') && head.length + tail.length <= LOOKED_AT;
    if (!tells) return requestInJson(head + tail);
    const known = this.#known.get(tail);
    if (known !== undefined) return known;
    const found = requestInJson(tail);
    if (tail.length <= LONGEST) this.#remember(ownCopy(tail), found);
    return found;
  }

  #remember(tail: string, found: RequestInLog): void {
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(tail, found);
  }
}

const requestInJson = (text: string): RequestInLog => requestIn(JSON.parse(`"${text}"`));
