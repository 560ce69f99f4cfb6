/**
 * The name of this host's time zone in the form that browsers accept, such as `Europe/Berlin`. If TZ has another form
 * (`UTC+3`, `:/etc/localtime`, an error), returns the name of a zone that now has the same offset.
 */
export function zoneName(now = new Date()): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  if (isKnown(timeZone)) return timeZone;
  const hours = -now.getTimezoneOffset() / 60;
  // The Etc/GMT zones have the opposite sign, as in POSIX.
  return hours !== 0 && Number.isInteger(hours) ? `Etc/GMT${hours < 0 ? '+' : '-'}${Math.abs(hours)}` : 'UTC';
}

function isKnown(timeZone: string | undefined): timeZone is string {
  try {
    return typeof timeZone === 'string' && Boolean(new Intl.DateTimeFormat('en', { timeZone }));
  } catch {
    return false;
  }
}
