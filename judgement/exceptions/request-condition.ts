import type { AccessRecord } from '../../logs/readers/reading.ts';

/** The fields of a request that exceptions compare. A log may lack each of them. */
export type ExceptedRequest = Partial<
  Pick<AccessRecord, 'target' | 'userAgent' | 'referer' | 'user' | 'host' | 'status'>
>;

/** A request, with its path decoded at most once for all exceptions. */
export interface ComparedRequest {
  readonly request: ExceptedRequest;
  /** The decoded path, in lower case; undefined if it has no path, or a path with a `..` segment. */
  readonly path: string | undefined;
}

/** True if the request meets one condition of an exception. */
export type RequestCondition = (compared: ComparedRequest) => boolean;
