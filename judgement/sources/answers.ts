const TWO = 0x32;
const THREE = 0x33;
const FOUR = 0x34;

/**
 * Answers 4xx that do not mean a missing page: a login or another method is required (401, 405, 407), the client or
 * its form was late, wrong or too fast (402, 408, 409, 410, 412, 413, 415, 416, 417, 422 to 426, 428, 429), or the
 * client has closed the connection (499).
 */
const NOT_MISSING: ReadonlySet<string> = new Set(
  '401 402 405 407 408 409 410 412 413 415 416 417 422 423 424 425 426 428 429 499'.split(' '),
);

/**
 * True for an answer that says that the page does not exist, or that this client may not see it. 5xx are the server's
 * own faults.
 */
export const isMissing = (status: string): boolean =>
  status.charCodeAt(0) === FOUR && !NOT_MISSING.has(status);

/** True for an answer with the requested content. */
export const isServed = (status: string): boolean => status.charCodeAt(0) === TWO || status === '304';

/** True for an answer with the requested content, or a redirect to it. */
export const isSuccess = (status: string): boolean => {
  const first = status.charCodeAt(0);
  return first === TWO || first === THREE;
};

/** True for an answer that may lead to a login (401, a redirect), or that says that the page has not changed (304). */
export const mayDemandLogin = (status: string): boolean => status === '401' || status.charCodeAt(0) === THREE;

/** True for a redirect. 304 is not a redirect: it stands for the content that the client already has. */
export const isRedirect = (status: string): boolean => status.charCodeAt(0) === THREE && status !== '304';
