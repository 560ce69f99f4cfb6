/**
 * The forms of managers' messages. A form determines the handshake, the use of standard output, and the form of log
 * lines.
 */
export const PROTOCOLS = ['ossec', 'wazuh4', 'wazuh5'] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** The source of a request: a manager, an operator, `riposte serve` or `scan`, a third party's list, or a sweep. */
export type Source = Protocol | 'operator' | 'server' | 'list' | 'sweep';

/** The form of a source's messages and log lines: all sources except Wazuh use OSSEC's. */
export const protocolOf = (source: Source | undefined): Protocol =>
  PROTOCOLS.find((protocol) => protocol === source) ?? 'ossec';

/** A request to a response, from any source. Texts are printable; the address is not yet parsed. */
export interface Request {
  readonly source: Source;
  readonly command: 'add' | 'delete';
  /** Unchanged; empty when the message had none. */
  readonly address: string;
  /** The fields where a parser looked for an address, if it found none. */
  readonly lookedAt?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly alertId?: string | undefined;
  readonly ruleId?: string | undefined;
  /** 0 to 16; OSSEC does not send it. */
  readonly ruleLevel?: number | undefined;
  readonly location?: string | undefined;
  /** The rule's description, and the log line that it matched. OSSEC sends neither. */
  readonly description?: string | undefined;
  readonly log?: string | undefined;
  /** Wazuh's extra_args: settings as flags. */
  readonly extraArguments: readonly string[];
  /** Wazuh 5: seconds until its `disable`; 0 if none will come. Other managers do not send it. */
  readonly timeout?: number | undefined;
  /** A server's times in seconds for the first, second, … offence, instead of BLOCK_FOR. */
  readonly times?: readonly number[] | undefined;
  /** The prefix length that the server chose to block; the full length means only the address. */
  readonly prefix?: number | undefined;
  /** An operator's time in seconds, which overrides the settings. */
  readonly blockFor?: number | undefined;
  /** An operator's reason. */
  readonly note?: string | undefined;
  /** True for an operator's own block, which managers neither shorten nor end. */
  readonly isOwn?: boolean | undefined;
  /**
   * With the source `list`, the name of the list that names the address; else the program that asks, as
   * `fail2ban:sshd`.
   */
  readonly origin?: string | undefined;
}

/** The fields of a request that are known before parsing. If parsing fails, the report records the failure with these fields. */
export const requestBefore = (mode: 'arguments' | 'message', words: readonly string[]): Partial<Request> =>
  mode === 'message'
    ? { source: 'wazuh4' }
    : { source: 'ossec', command: words[0] === 'delete' ? 'delete' : 'add' };
