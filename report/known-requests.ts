import { ownCopy } from './own-copy.ts';
import { type RequestInLog, requestIn, SEARCHED } from './request-in.ts';

/** The most requests that are remembered, and the longest text of one, to bound the memory. */
const MOST = 4096;
const LONGEST = 1024;
const NONE: RequestInLog = {};

/** Finds requests in log lines, and remembers them, because attackers repeat the same requests. */
export class KnownRequests {
  readonly #known = new Map<string, RequestInLog>();

  /**
   * Returns what requestIn() returns for a log line.
   *
   * @param head the line up to the first backslash in its JSON @param tail the rest of its JSON, empty if there is no backslash
   */
  in(head: string, tail: string): RequestInLog {
    if (tail === '') return NONE; // without a quote there is no request
    // The request depends only on the text from the first quote on, not on the address and time before it.
    const isReusable =
      tail.startsWith('\\"') && !head.endsWith('[uri ') && head.length + tail.length <= SEARCHED;
    if (!isReusable) return requestInJson(head + tail);
    const known = this.#known.get(tail);
    if (known !== undefined) return known;
    const request = requestInJson(tail);
    if (tail.length <= LONGEST) this.#remember(ownCopy(tail), request);
    return request;
  }

  #remember(tail: string, request: RequestInLog): void {
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(tail, request);
  }
}

const requestInJson = (text: string): RequestInLog => requestIn(JSON.parse(`"${text}"`));
