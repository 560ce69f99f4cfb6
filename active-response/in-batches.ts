import type { OpenRequest } from './handle-request.ts';

/**
 * Splits requests into batches. The requests of a batch share one context and have different addresses. Requests for the
 * same address keep their order.
 */
export function inBatches<T extends { readonly request: OpenRequest }>(all: readonly T[]): T[][] {
  return rounds(all).flatMap((round) => {
    const byContext = new Map<OpenRequest['reconciling'], T[]>();
    for (const each of round) {
      const { reconciling } = each.request;
      const others = byContext.get(reconciling);
      if (others) others.push(each);
      else byContext.set(reconciling, [each]);
    }
    return [...byContext.values()];
  });
}

/** Splits requests into rounds. In one round, a response gets each address at most once. */
function rounds<T extends { readonly request: OpenRequest }>(all: readonly T[]): T[][] {
  const found: T[][] = [];
  const last = new Map<string, number>();
  for (const each of all) {
    const { decision, reconciling } = each.request;
    const key = 'address' in decision ? `${reconciling.response} ${decision.address.text}` : '';
    const round = key === '' ? 0 : (last.get(key) ?? -1) + 1;
    last.set(key, round);
    const others = found[round];
    if (others) others.push(each);
    else found[round] = [each];
  }
  return found;
}
