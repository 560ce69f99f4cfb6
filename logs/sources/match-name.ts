/**
 * True if a name fits a pattern: `*` stands for any characters, `?` for one. As in a shell, a name that begins with a
 * dot fits only a pattern that begins with a dot. The search takes no more steps than the product of both lengths.
 */
export function fitsPattern(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let at = 0;
  let part = 0;
  /** The offset of the last `*`, and the offset in the name to which it extends. */
  let star = -1;
  let reach = 0;
  while (at < name.length) {
    if (pattern[part] === '*') {
      star = part++;
      reach = at;
    } else if (pattern[part] === '?' || pattern[part] === name[at]) {
      at++;
      part++;
    } else {
      if (star < 0) return false;
      part = star + 1;
      at = ++reach;
    }
  }
  while (pattern[part] === '*') part++;
  return part === pattern.length;
}
