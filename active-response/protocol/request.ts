/** How a manager, or a person, talks to a response. */
export type Protocol = 'ossec' | 'wazuh4' | 'wazuh5';

/** What a response is asked to do, whoever asked. Texts are printable; the address is not yet parsed. */
export interface Request {
  readonly protocol: Protocol;
  readonly command: 'add' | 'delete';
  /** As it was given; empty when there was none. */
  readonly address: string;
  readonly user?: string | undefined;
  readonly alertId?: string | undefined;
  readonly ruleId?: string | undefined;
  /** 0 to 16; OSSEC does not tell it. */
  readonly ruleLevel?: number | undefined;
  readonly location?: string | undefined;
  /** What the rule says of itself, and the line of the log that it fired on. OSSEC tells neither. */
  readonly description?: string | undefined;
  readonly log?: string | undefined;
  /** Wazuh's extra_args: settings as flags. */
  readonly extraArguments: readonly string[];
  /** Wazuh 5: seconds until its `disable`; 0 when there will be none. Others do not say. */
  readonly timeout?: number | undefined;
  /** Only a person says these: how many seconds the block is to last, whatever the settings say, and why. */
  readonly blockFor?: number | undefined;
  readonly note?: string | undefined;
  /** A person's own block, which managers neither shorten nor end. */
  readonly isOwn?: boolean | undefined;
}
