/** OSSEC's plain search: alternatives separated by `|`, `^` for the beginning, case-insensitive. */
export function wordMatch(pattern: string, text: string): boolean {
  const subject = text.toLowerCase();
  return pattern
    .toLowerCase()
    .split('|')
    .some((word) => (word.startsWith('^') ? subject.startsWith(word.slice(1)) : subject.includes(word)));
}
