import { basename, dirname, join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { namesIn } from '../names-in.ts';

/**
 * The journal and its rotated forms, oldest first: events.jsonl-20261119.gz (logrotate's dateext),
 * events.jsonl.2.gz, events.jsonl.1, events.jsonl. Empty when there is none.
 *
 * @throws RiposteError (NOPERM, IOERR) when the directory cannot be read
 */
export const journalFiles = ({ journal }: Home): string[] => formsOf(journal);

/** The same for any log that logrotate rotates. No copy of somebody's, such as events.jsonl.bak, is among them. */
export function formsOf(log: string): string[] {
  const name = basename(log);
  const forms = namesIn(dirname(log))
    .filter((each) => each.startsWith(name))
    .flatMap((each) => {
      const [, dated, turn] = /^(?:-(\d{8,})|\.(\d+))?(?:\.gz)?$/.exec(each.slice(name.length)) ?? ['none'];
      if (each !== name && dated === undefined && turn === undefined) return [];
      return [{ each, dated: dated ?? '', age: Number(turn ?? 0) }];
    });
  const byAge = (a: Form, b: Form) =>
    Number(b.dated !== '') - Number(a.dated !== '') || a.dated.localeCompare(b.dated) || b.age - a.age;
  return forms.sort(byAge).map(({ each }) => join(dirname(log), each));
}

interface Form {
  readonly dated: string;
  readonly age: number;
}
