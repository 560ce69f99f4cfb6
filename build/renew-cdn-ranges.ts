/**
 * node build/run-ts.mjs build/renew-cdn-ranges.ts: renews the lists in logs/proxies/lists from their operators' sites.
 * A list that cannot be fetched, or looks wrong, stays unchanged, and the exit status is 1.
 */
import { writeFile } from 'node:fs/promises';
import { CDN_LISTS } from '../logs/proxies/cdn-lists.ts';
import { READERS, renewed, textOf } from './cdn-ranges.ts';

/** The time limit for an operator's answer, in milliseconds. */
const PATIENCE = 30_000;

const today = new Date().toISOString().slice(0, 10);

for (const [name, before] of CDN_LISTS) {
  try {
    const read = READERS[name];
    if (read === undefined) throw new Error('build/cdn-ranges.ts does not say how to read it');
    const texts = await Promise.all(before.source.map(download));
    const after = renewed(before, texts.flatMap(read), today);
    await writeFile(`logs/proxies/lists/${name}.json`, textOf(after));
    console.log(
      `${name}: ${changes(before.prefixes, after.prefixes)}; the previous list is of ${before.date}`,
    );
  } catch (error) {
    console.error(`${name}: ${describe(error)}; its list of ${before.date} stays`);
    process.exitCode = 1;
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(`${url} answers with status ${response.status}`);
  return response.text();
}

function changes(before: readonly string[], after: readonly string[]): string {
  const added = after.filter((prefix) => !before.includes(prefix));
  const gone = before.filter((prefix) => !after.includes(prefix));
  const told = [...added.map((prefix) => `+${prefix}`), ...gone.map((prefix) => `-${prefix}`)];
  return told.length === 0 ? `the same ${after.length} prefixes` : told.join(' ');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
