/**
 * Calls `onTimeout` after a time, but only after the event loop has read the input that arrived before. Otherwise,
 * after a pause of the process or the machine, timers would fire before the input is read.
 *
 * @param milliseconds the time @param onTimeout called once, unless cancelled before
 * @returns a function that cancels the deadline
 */
export function deadline(milliseconds: number, onTimeout: () => void): () => void {
  let afterInput: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    afterInput = setImmediate(onTimeout);
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(afterInput);
  };
}
