import type { Executor, Result } from '../../active-response/backend/execute.ts';

/** An executor that looks at a thing once: of 100,000 addresses nft's listing takes a second. */
export function remembering(executor: Executor): Executor {
  const results = new Map<string, Result>();
  return {
    ...executor,
    look(command) {
      const key = JSON.stringify([command.program, ...command.args]);
      const result = results.get(key) ?? executor.look(command);
      results.set(key, result);
      return result;
    },
  };
}
