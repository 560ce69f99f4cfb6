/** ossec.conf without its comments, so that what is commented out does not count. */
export function withoutComments(xml: string): string {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    const start = xml.indexOf('<!--', at);
    const end = start === -1 ? -1 : xml.indexOf('-->', start + 4);
    // A comment that never ends is none: what stands behind it may be the manager's address.
    if (end === -1) return parts.join('') + xml.slice(at);
    parts.push(xml.slice(at, start));
    at = end + 3;
  }
}
