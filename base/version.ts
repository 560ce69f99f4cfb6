declare const RIPOSTE_VERSION: string | undefined;

/** The version of the build; `source` when the program runs from its sources. */
export const VERSION: string = typeof RIPOSTE_VERSION === 'string' ? RIPOSTE_VERSION : 'source';
