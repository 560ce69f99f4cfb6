import type { ProxyPolicy } from '../proxies/client-of.ts';

/**
 * The result of reading one line of a log. Texts of records are in canonical form: printable ASCII, with every
 * other byte, `"` and `\` written as `\xhh`, so that no text can be mistaken for the structure of a line.
 */
export type Reading = AccessRecord | ErrorRecord | Unreadable | Nothing;

/** A request that a web server has answered. */
export interface AccessRecord {
  readonly kind: 'access';
  /** Seconds since 1970, as the line says; undefined when its time cannot be read. */
  readonly time: number | undefined;
  /** The client's address; undefined when the line has none that can be trusted. */
  readonly client: string | undefined;
  /** The reason why there is no client. */
  readonly noClient?: string | undefined;
  readonly user: string;
  /** `-` if the client sent no valid request line. */
  readonly method: string;
  readonly target: string;
  /** As in the request line; `HTTP/0.9` if the request line has no version. */
  readonly version: string;
  /** Three digits, or `-`. */
  readonly status: string;
  /** The number of bytes, or `-`. */
  readonly size: string;
  readonly referer: string;
  readonly userAgent: string;
  /** The name of the site, if the log has it. */
  readonly host?: string | undefined;
  readonly uniqueId?: string | undefined;
  /** The log's own line up to the user agent, if that is already the record's line in the combined format. */
  readonly canonical?: string | undefined;
}

/** A record of a web server's error log, or of ModSecurity's audit log. */
export interface ErrorRecord {
  readonly kind: 'error';
  readonly time: number | undefined;
  readonly client: string | undefined;
  readonly noClient?: string | undefined;
  /** `security2` for ModSecurity; empty in Apache 2.2's log, which names no module. */
  readonly module: string;
  /** `error`, `warn`, `notice`, … */
  readonly level: string;
  /** `AH01630`, or `ModSecurity` for its messages; empty when there is none. */
  readonly code: string;
  /** The text after the client, without the code. */
  readonly message: string;
  /** The path that was requested, if the line has it. */
  readonly target?: string | undefined;
  readonly uniqueId?: string | undefined;
  /**
   * False for a record that only the web server can have written, and that names the request's own client
   * (ModSecurity's JSON audit log). All other lines of an error log may be an attacker's text.
   */
  readonly isHearsay: boolean;
  /** The line in Apache's form. */
  readonly canonical: string;
}

/** A line that is not in the log's format. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
}

/** A line without a request: a header, a piece of a line that has not ended, an unused connection. */
export interface Nothing {
  readonly kind: 'nothing';
}

export const NOTHING: Nothing = { kind: 'nothing' };

export const unreadable = (reason: string): Unreadable => ({ kind: 'unreadable', reason });

/** The reason why a request has no client: the web server looked up its name (HostnameLookups). */
export const NAMES_A_HOST = 'names a host instead of its address';

/** The options of a reader. */
export interface ReaderOptions {
  readonly policy: ProxyPolicy;
  /** Seconds since 1970, for times without a year. */
  readonly now: number;
  /** True if the format was recognized from the log's lines, so that no setting or configuration confirms it. */
  readonly isTold?: boolean | undefined;
}

/** Lines before the first one to be read: a header among them may say how to read the following lines. */
export interface LinesBefore {
  /** The log's first lines, in their order. */
  readonly head: readonly string[];
  /** The lines right before the first one to be read, in their order. */
  readonly last: readonly string[];
}

/** Parses the lines of one log, in their order: in some formats one line says how to read the next. */
export interface LineReader {
  /** Gives the reader the lines before its first line. Without this call, the log begins with the first line. */
  begin?(before: LinesBefore): void;
  /** @param line the line's bytes as latin1, without the newline */
  read(line: string): Reading;
  /** Gives the reader the beginning of a line that was too long to be kept whole. */
  readCut?(line: string): void;
}

/** A format of a log. */
export interface LogFormat {
  /** The name that `LOGS=/path=NAME` takes. */
  readonly name: string;
  /** The kind of its records. The records of an `error` log are hearsay; see ErrorRecord. */
  readonly holds: 'access' | 'error';
  /** True if the program that writes the log cuts a long line itself and drops the rest. */
  readonly cutsLines?: boolean;
  /** True if the server writes its access log to standard error, and never writes a client's line breaks there. */
  readonly isOnStandardError?: boolean;
  /** True if the log may hold lines of standard error, where clients can write whole access lines. */
  readonly isForgeable?: boolean;
  newReader(options: ReaderOptions): LineReader;
  /**
   * False if no log of this format has this line. If a format lacks this method, its logs may have any line that its
   * reader can read.
   */
  mayHold?(line: string): boolean;
  /** False for a line that the reader accepts but that does not show that the log is of this format. */
  isToldBy?(line: string): boolean;
}
