/**
 * The seconds for which a server asks to wait by its header Retry-After: a number, or the time until a date (RFC 9110,
 * section 10.2.3).
 *
 * @param header the value of the header
 * @param now milliseconds since 1970
 * @returns undefined without the header, and for any other text
 */
export function retryAfter(header: string | null | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : seconds;
}
