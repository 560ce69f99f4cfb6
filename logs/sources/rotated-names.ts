/** The endings of logs that were rotated and compressed. */
const PACKED = /\.(?:gz|xz|bz2|zst)$/;

/** A date with the year first, or seconds since 1970, and an hour or a number that may follow it. */
const DATE = String.raw`[-.](?:20\d\d-?(?:0[1-9]|1[0-2])-?[0-3]\d|\d{10}(?!\d))[\d.-]*`;
const DATE_AT_END = new RegExp(`${DATE}$`);
const DATE_BEFORE_LOG = new RegExp(`${DATE}\\.log$`);

/** A name without the ending that compression adds. */
export const withoutPacking = (name: string): string => name.replace(PACKED, '');

/**
 * True for each name that logrotate or rotatelogs gives to a rotated log, such as `access.log.1`,
 * `access.log-20261120.gz`, `access-2026-11-20.log`, and for every other name that ends with a dot and a short number.
 * The log may have any name.
 */
export function isRotatedName(name: string): boolean {
  const plain = withoutPacking(name);
  return plain !== name || /\.\d{1,4}$/.test(plain) || DATE_AT_END.test(plain) || DATE_BEFORE_LOG.test(plain);
}

/**
 * True if logrotate or rotatelogs may have given the log this name: a number or a date after the log's name, or a date
 * before its `.log`. False for a copy, such as access.log.bak, and for another log, such as access-ssl.log.
 */
export function isRotatedFormOf(log: string, name: string): boolean {
  const plain = withoutPacking(name);
  const stem = log.replace(/\.log$/, '');
  return (
    (plain.startsWith(log) && /^[-.]\d[\d.-]*$/.test(plain.slice(log.length))) ||
    (plain.startsWith(stem) && /^-\d{4}-?\d\d-?\d[\d-]*\.log(\.\d+)?$/.test(plain.slice(stem.length)))
  );
}
