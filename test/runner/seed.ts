import type { Share } from './share.ts';

/**
 * The seed of fast-check's generated inputs. Each run uses the same seed, so that a test never fails by chance. Only
 * the rest uses another seed, because it must not repeat the inputs of `npm test`.
 *
 * @param text the value of RIPOSTE_TEST_SEED: a number, or `random`
 * @returns undefined for a random seed
 */
export function seedOf(text: string | undefined, share: Share): number | undefined {
  if (text === undefined) return share === 'rest' ? 2 : 1;
  if (text === 'random') return undefined;
  const seed = Number(text);
  if (text.trim() !== '' && Number.isInteger(seed)) return seed;
  throw new Error(`RIPOSTE_TEST_SEED is '${text}', but must be a whole number or random`);
}
