/**
 * Makes a function that reads again only when its last result is too old.
 *
 * @param clock milliseconds of a monotonic clock
 * @param fresh the time for which a result is reused, in milliseconds
 */
export function reused<T>(read: () => T, clock: () => number, fresh: number): () => T {
  let last: { readonly value: T; readonly time: number } | undefined;
  return () => {
    const now = clock();
    if (!last || now - last.time >= fresh) last = { value: read(), time: now };
    return last.value;
  };
}
