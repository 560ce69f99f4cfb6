import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { CONTENT, isDocument } from './content.ts';
import type { Indexer } from './indexer.ts';
import type { Document, LogtestSample } from './pack.ts';

/**
 * Tests lines in the test space: each line must be decoded, and match exactly the rules of its sample.
 *
 * @throws RiposteError (UNAVAILABLE) for the first line that fails
 */
export async function logtest(
  indexer: Indexer,
  integration: string,
  samples: readonly LogtestSample[],
): Promise<void> {
  for (const { location, event, rules } of samples) {
    const { message } = await indexer.send('POST', `${CONTENT}/logtest`, {
      integration,
      space: 'test',
      queue: 1,
      location,
      event,
      trace_level: 'NONE',
    });
    const { matched, error } = resultOf(message);
    const isRight = error === undefined && [...matched].sort().join('\n') === [...rules].sort().join('\n');
    if (isRight) continue;
    throw new RiposteError(
      EX.UNAVAILABLE,
      `${indexer.host}: the test of the line '${printable(event, 80)}' of ${location} ${error ?? `matches ${listed(matched)} instead of ${listed(rules)}`}`,
    );
  }
}

const listed = (titles: readonly string[]): string =>
  titles.length === 0 ? 'no rule' : titles.map((title) => printable(title, 100)).join(', ');

function resultOf(message: Document[string] | undefined): { matched: string[]; error?: string } {
  const { normalization, detection } = isDocument(message) ? message : {};
  if (isDocument(normalization) && normalization.status === 'error')
    return { matched: [], error: `fails: ${printable(JSON.stringify(normalization.error), 200)}` };
  if (!isDocument(detection) || detection.status !== 'success')
    return { matched: [], error: `fails: ${printable(JSON.stringify(detection ?? null), 200)}` };
  const matches = Array.isArray(detection.matches) ? detection.matches : [];
  return {
    matched: matches.map((match) =>
      isDocument(match) && isDocument(match.rule) ? String(match.rule.title) : '',
    ),
  };
}
