/** OSSEC's plain search: alternatives parted by `|`, `^` for the beginning, letters in either case. */
export function wordMatch(pattern: string, text: string): boolean {
  const subject = text.toLowerCase();
  return pattern
    .toLowerCase()
    .split('|')
    .some((word) => (word.startsWith('^') ? subject.startsWith(word.slice(1)) : subject.includes(word)));
}
