/**
 * The time zone of this host by a name that a browser knows, `Europe/Berlin`. Where TZ is something else that names
 * none (`UTC+3`, `:/etc/localtime`, an error), one that has the same hours now.
 */
export function zoneName(now = new Date()): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  if (isKnown(timeZone)) return timeZone;
  const hours = -now.getTimezoneOffset() / 60;
  // POSIX counts these the other way round.
  return hours !== 0 && Number.isInteger(hours) ? `Etc/GMT${hours < 0 ? '+' : '-'}${Math.abs(hours)}` : 'UTC';
}

function isKnown(timeZone: string | undefined): timeZone is string {
  try {
    return typeof timeZone === 'string' && Boolean(new Intl.DateTimeFormat('en', { timeZone }));
  } catch {
    return false;
  }
}
