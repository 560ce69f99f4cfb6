/** What an administrator chooses of our rules. */
export interface Choice {
  /** The web server is behind a proxy: clients by X-Forwarded-For, answered by Apache. */
  readonly isBehindProxy: boolean;
  /** Bursts are counted of all 4xx, whatever the request: dear to a manager that gets hundreds of them a second. */
  readonly countsAll4xx: boolean;
}

/** What is so until somebody chooses. */
export const NOTHING_CHOSEN: Choice = { isBehindProxy: false, countsAll4xx: false };

/** What somebody asks for; undefined is as it was. */
export type Asked = { readonly [Key in keyof Choice]: Choice[Key] | undefined };

/** The flags by which it is made. */
export const CHOICE_FLAGS = { isBehindProxy: 'behind-proxy', countsAll4xx: 'all-4xx' } as const;

/** What was asked for, and else what was chosen before. */
export const chosen = (asked: Asked, before: Choice): Choice => ({
  isBehindProxy: asked.isBehindProxy ?? before.isBehindProxy,
  countsAll4xx: asked.countsAll4xx ?? before.countsAll4xx,
});

/** A line for each that was chosen before and not asked for again. */
export const rememberedIn = (asked: Asked, choice: Choice): string[] =>
  (Object.keys(CHOICE_FLAGS) as (keyof Choice)[])
    .filter((key) => choice[key] && asked[key] === undefined)
    .map((key) => `--${CHOICE_FLAGS[key]}, as before (--no-${CHOICE_FLAGS[key]} takes it back)`);

/** The file of rules for that, which goes behind all others. */
export const ALL_4XX = 'riposte_web_bursts_any.xml';

/** Whether a file of rules or decoders is wanted. @param path of one, or its name */
export const isWanted = (path: string, { isBehindProxy, countsAll4xx }: Choice): boolean =>
  (isBehindProxy || !path.includes('behind_proxy')) && (countsAll4xx || !path.endsWith(ALL_4XX));
