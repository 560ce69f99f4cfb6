/** The part of a request that a line of the list matches. */
export type SignatureKind =
  /** A pattern of the decoded path, optionally with a text in the query. */
  | 'path'
  /**
   * A regular expression for the decoded path or a decoded parameter. A match in a search parameter is at most a
   * probe.
   */
  | 'payload'
  /** Like `payload`, but a match in a search parameter is not weaker; also matches the user agent and the referer. */
  | 'everywhere'
  /** A regular expression for the user agent and the referer. */
  | 'header'
  /** A word in the user agent. */
  | 'agent';

/** One line of the list. */
export interface Signature {
  readonly class: 'unmistakable' | 'probe';
  readonly kind: SignatureKind;
  readonly pattern: string;
  /** The product that is probed: probes of one product count once. For a payload its kind (`SQL injection`). */
  readonly product: string;
  /** True for a request that takes over a server if it succeeds. */
  readonly isSevere: boolean;
  /** True for a file that contains secrets: the request is severe if the server sent it. */
  readonly isSecret: boolean;
  /** True for a probe of a product whose users open it before they log in. */
  readonly isConsole: boolean;
  /** A CVE, an address or a few words. */
  readonly reference: string;
}

/** The strongest signature of a request, and the part that it matched. */
export interface Match {
  readonly signature: Signature;
  /** The signature's class, or `probe` where a visitor may have written the text (a search, a code browser). */
  readonly class: 'unmistakable' | 'probe';
  /** True for unmistakable requests that are severe, or that obtained a secret (200, 206). */
  readonly isSevere: boolean;
  readonly place: 'path' | 'query' | 'agent' | 'referer';
  /** The decoded target, search, agent or referer: payloads with different texts are different. */
  readonly text: string;
  /** True for a payload that is only in search parameters (q, s, query, search, keyword, term …). */
  readonly isInSearch: boolean;
}
