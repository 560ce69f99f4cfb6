/**
 * Says when a time is over, but not before all has been read that has come by then: when this process itself has stood
 * still, as with its whole machine, its timers are due before it looks at what others have sent meanwhile.
 *
 * @param milliseconds the time @param isOver called once, unless it is taken back before
 * @returns what takes it back
 */
export function deadline(milliseconds: number, isOver: () => void): () => void {
  let lastLook: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    lastLook = setImmediate(isOver);
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(lastLook);
  };
}
