/** The administrator's choices about our rules. */
export interface Choice {
  /** The web server is behind a proxy: clients are read from X-Forwarded-For, and Apache blocks them. */
  readonly isBehindProxy: boolean;
  /** Count bursts of all 4xx, for any request: expensive for a manager with hundreds of them a second. */
  readonly countsAll4xx: boolean;
  /** Answer stock rule 31151, which counts any 4xx. */
  readonly answers31151: boolean;
  /** Give fail2ban an action that blocks by Riposte. */
  readonly isForFail2ban: boolean;
  /**
   * On an agent of Wazuh 5: `riposte serve` runs beside the agent, reads the web server's logs, blocks, and writes
   * alerts.
   */
  readonly serves: boolean;
  /** The block time of our responses: a time as in BLOCK_FOR, or `default`. */
  readonly timeout: string;
  /** The place in which our responses run: one or several of `LOCATIONS`, an agent's number, or `default`. */
  readonly location: string;
  /** The lowest level of alerts that are answered besides the alerts of our rules, as text; `default` for none. */
  readonly level: string;
}

/** The value of an option that leaves the choice to Riposte. */
export const DEFAULT = 'default';

/** The defaults. */
export const NOTHING_CHOSEN: Choice = {
  isBehindProxy: false,
  countsAll4xx: false,
  answers31151: false,
  isForFail2ban: false,
  serves: false,
  timeout: DEFAULT,
  location: DEFAULT,
  level: DEFAULT,
};

/** The choices of one command line; undefined keeps the earlier choice. */
export type RequestedChoice = { readonly [Key in keyof Choice]: Choice[Key] | undefined };

/** Keeps all earlier choices. */
export const AS_BEFORE: RequestedChoice = {
  isBehindProxy: undefined,
  countsAll4xx: undefined,
  answers31151: undefined,
  isForFail2ban: undefined,
  serves: undefined,
  timeout: undefined,
  location: undefined,
  level: undefined,
};

/** The flags for the choices. */
export const CHOICE_FLAGS = {
  isBehindProxy: 'behind-proxy',
  countsAll4xx: 'all-4xx',
  answers31151: 'answer-31151',
  isForFail2ban: 'fail2ban',
  serves: 'serve',
} as const;

/** The options with a value for the choices. */
export const CHOICE_VALUES = ['timeout', 'location', 'level'] as const;

/** The requested choices, completed by the earlier choices. */
export const chosen = (requested: RequestedChoice, before: Choice): Choice => ({
  isBehindProxy: requested.isBehindProxy ?? before.isBehindProxy,
  countsAll4xx: requested.countsAll4xx ?? before.countsAll4xx,
  // Manifests of older versions lack the choices below.
  answers31151: requested.answers31151 ?? before.answers31151 ?? false,
  isForFail2ban: requested.isForFail2ban ?? before.isForFail2ban ?? false,
  serves: requested.serves ?? before.serves ?? false,
  timeout: requested.timeout ?? before.timeout ?? DEFAULT,
  location: requested.location ?? before.location ?? DEFAULT,
  level: requested.level ?? before.level ?? DEFAULT,
});

/** A line for each earlier choice that was not requested again. */
export const rememberedIn = (requested: RequestedChoice, choice: Choice): string[] => [
  ...(Object.keys(CHOICE_FLAGS) as (keyof typeof CHOICE_FLAGS)[])
    .filter((key) => choice[key] && requested[key] === undefined)
    .map((key) => `--${CHOICE_FLAGS[key]}, as before (--no-${CHOICE_FLAGS[key]} revokes it)`),
  ...CHOICE_VALUES.filter((key) => choice[key] !== DEFAULT && requested[key] === undefined).map(
    (key) => `--${key} ${choice[key]}, as before (--${key} ${DEFAULT} revokes it)`,
  ),
];

/** The rules for --all-4xx, which are read last. */
export const ALL_4XX = 'riposte_web_bursts_any.xml';

/** True when a file of rules or decoders is wanted. @param path its path or name */
export const isWanted = (path: string, { isBehindProxy, countsAll4xx }: Choice): boolean =>
  (isBehindProxy || !path.includes('behind_proxy')) && (countsAll4xx || !path.endsWith(ALL_4XX));
