import { basename } from 'node:path';
import { counted } from '../../base/counted.ts';
import { printable } from '../../base/printable.ts';

/** The maximum number of added and removed lines of a list to show. */
const MOST_SHOWN = 8;

/**
 * Describes the differences between the files of two packs, a line for each change. Leaves out the files in a manager's
 * form (`ossec/`, `wazuh/`), because they change together with Riposte's own files.
 */
export function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  return [...after].flatMap(([path, text]) => {
    const old = before.get(path) ?? '';
    if (old === text || isManagersForm(path)) return [];
    if (/^rules\/.*\.xml$/.test(path)) return ruleChanges(path, old, text);
    return lineChanges(path, old, text);
  });
}

const isManagersForm = (path: string): boolean => /^(?:ossec|wazuh)\//.test(path);

/** The rules of a file by their ids. */
const rulesIn = (xml: string): Map<string, string> =>
  new Map(Array.from(xml.matchAll(/<rule\b[^>]*\bid="(\d+)".*?<\/rule>/gs), ([rule, id = '']) => [id, rule]));

function ruleChanges(path: string, before: string, after: string): string[] {
  const [old, now] = [rulesIn(before), rulesIn(after)];
  const added = [...now.keys()].filter((id) => !old.has(id));
  const removed = [...old.keys()].filter((id) => !now.has(id));
  const changed = [...now].filter(([id, text]) => old.has(id) && old.get(id) !== text).map(([id]) => id);
  const told = [
    added.length > 0 && `added ${added.join(', ')}`,
    changed.length > 0 && `changed ${changed.join(', ')}`,
    removed.length > 0 && `removed ${removed.join(', ')}`,
  ].filter((part) => part !== false);
  return [`${basename(path)}: ${told.length > 0 ? `rules ${told.join('; ')}` : 'comments changed'}`];
}

function lineChanges(path: string, before: string, after: string): string[] {
  const lines = (text: string) => new Set(text.split('\n').map((line) => line.trim().replace(/,$/, '')));
  const [old, now] = [lines(before), lines(after)];
  const added = [...now].filter((line) => !old.has(line));
  const removed = [...old].filter((line) => !now.has(line));
  const shown = [...added.map((line) => `  + ${line}`), ...removed.map((line) => `  - ${line}`)].map((line) =>
    printable(line, 100),
  );
  const more = shown.length - MOST_SHOWN;
  return [
    `${basename(path)}: ${counted(added.length, 'line')} added, ${removed.length} removed`,
    ...shown.slice(0, MOST_SHOWN),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
