/**
 * The states of each loop of an automaton: its strongly connected parts that contain an edge (Tarjan's algorithm, in time
 * linear in the edges).
 *
 * @param next next[p]: the states that may follow p
 */
export function loopsIn(next: readonly (readonly number[])[]): Set<number>[] {
  const order: number[] = []; // 0: not yet visited
  const lowest: number[] = [];
  const open: number[] = [];
  const isOpen = new Set<number>();
  const loops: Set<number>[] = [];
  let count = 0;

  const enter = (state: number) => {
    count++;
    order[state] = count;
    lowest[state] = count;
    open.push(state);
    isOpen.add(state);
    return { state, edge: 0 };
  };
  const lower = (state: number, to: number) => {
    lowest[state] = Math.min(lowest[state] ?? 0, to);
  };
  const close = (state: number) => {
    const part = new Set(open.splice(open.lastIndexOf(state)));
    for (const each of part) isOpen.delete(each);
    if (part.size > 1 || next[state]?.includes(state)) loops.push(part);
  };

  for (const start of next.keys()) {
    if (order[start]) continue;
    const path = [enter(start)];
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const { state } = step;
      const follower = next[state]?.[step.edge++];
      if (follower === undefined) {
        path.pop();
        if (lowest[state] === order[state]) close(state);
        const before = path.at(-1);
        if (before) lower(before.state, lowest[state] ?? 0);
      } else if (!order[follower]) path.push(enter(follower));
      else if (isOpen.has(follower)) lower(state, order[follower] ?? 0);
    }
  }
  return loops;
}
