import { printable } from './printable.ts';

/**
 * True for an https:// URL, or an http:// URL of this host: other hosts on the network could read an unencrypted
 * request.
 */
export function isSafeUrl(text: string): boolean {
  try {
    const { protocol, hostname } = new URL(text);
    const isHere = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
    return protocol === 'https:' || (protocol === 'http:' && isHere);
  } catch {
    return false;
  }
}

/** A URL for a message: without its query, which may hold a key. */
export const shownUrl = (text: string): string => printable(text.replace(/[?#].*/, ''), 100);
