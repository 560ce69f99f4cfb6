/**
 * Wazuh 5 writes a rule's level as a word. These numbers are in the ranges of Wazuh 4's own classification: low up to 6,
 * medium 7 to 11, high 12 to 14, critical 15 and 16.
 */
const LEVELS: Readonly<Record<string, number>> = {
  informational: 2,
  low: 5,
  medium: 9,
  high: 12,
  critical: 15,
};

/** The level of a word, in upper or lower case; undefined for any other text. */
export function levelOfWord(word: string): number | undefined {
  const known = word.toLowerCase();
  return Object.hasOwn(LEVELS, known) ? LEVELS[known] : undefined;
}
