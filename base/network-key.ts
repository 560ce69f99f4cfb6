/** The networks of an address, as keys. */
export interface NetworkKeys {
  /** The range that a customer usually has, or can easily get: a /24 in IPv4, a /48 in IPv6. */
  readonly narrow: string;
  /** The range of a hoster or a provider: a /16 in IPv4, a /32 in IPv6. */
  readonly wide: string;
}

/** Splits the text without parsing it: parsing each address of a flood would delay the reading of logs. */
export function networkKeys(text: string): NetworkKeys {
  if (text.includes('.')) {
    const narrow = text.slice(0, text.lastIndexOf('.')).replace(/^::ffff:/i, '');
    return { narrow, wide: narrow.split('.', 2).join('.') };
  }
  const wideEnd = text.indexOf(':', text.indexOf(':') + 1);
  const narrowEnd = text.indexOf(':', wideEnd + 1);
  // The usual case: the first three groups are written out.
  if (narrowEnd !== -1 && text.lastIndexOf('::', narrowEnd - 1) === -1)
    return { narrow: text.slice(0, narrowEnd), wide: text.slice(0, wideEnd) };
  const [head = '', tail] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const [first = '', second = '', third = ''] = [...before, ...zeros, ...after];
  const wide = `${first}:${second}`;
  return { narrow: `${wide}:${third}`, wide };
}
