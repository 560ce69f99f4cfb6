/**
 * Copies a text. Otherwise a substring keeps its whole string in memory: a name of twenty characters would keep its
 * line of hundreds.
 */
export const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text));
