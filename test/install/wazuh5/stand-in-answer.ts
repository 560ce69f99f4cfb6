/** A request as the indexer has received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly type: string | undefined;
  readonly body: string;
}

/** An answer of the indexer. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An error in the form that the content manager uses. */
export const refuse = (status: number, message: string): Answer => ({ status, body: { message, status } });

export const ok = (body: unknown, status = 200): Answer => ({ status, body });

/** An error that a handler throws, and that the stand-in sends as its answer. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Doc = Record<string, unknown>;

export const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws Refusal (400) when a document has a key that is not allowed, or lacks a required key */
export function demandKeys(
  what: string,
  document: Doc,
  allowed: readonly string[],
  required: readonly string[],
): void {
  for (const key of Object.keys(document))
    if (!allowed.includes(key) && !(key.startsWith('parse|') && allowed.includes('parse|')))
      throw new Refusal(400, `${what}: unknown field [${key}]`);
  for (const key of required)
    if (document[key] === undefined || document[key] === null || document[key] === '')
      throw new Refusal(400, `Missing [${key}] field.`);
}
