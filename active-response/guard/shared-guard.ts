import type { Guard } from '../decide.ts';
import { protector } from './guard.ts';

/** A guard for a batch: reads the protected addresses once for requests with the same context. */
export function sharedGuard(): Guard {
  const guards = new Map<string, ReturnType<typeof protector>>();
  return (address, context) => {
    const { byHand, allowPrivate, isListed, env } = context;
    const key = JSON.stringify([
      byHand,
      allowPrivate,
      isListed,
      env.SSH_CONNECTION,
      env.SSH_CLIENT,
      env.PATH,
    ]);
    const guard = guards.get(key) ?? protector(context);
    guards.set(key, guard);
    return guard(address);
  };
}
