import { basename, dirname, join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { namesIn } from '../names-in.ts';

/**
 * The journal and its rotated forms, oldest first: events.jsonl-20261119.gz (logrotate's dateext),
 * events.jsonl.2.gz, events.jsonl.1, events.jsonl. Empty when there is none.
 *
 * @throws RiposteError (NOPERM, IOERR) when the directory cannot be read
 */
export function journalFiles({ journal }: Home): string[] {
  const name = basename(journal);
  const forms = namesIn(dirname(journal))
    .filter((each) => each.startsWith(name))
    .flatMap((each) => {
      const [, dated, turn] = /^(?:-(\d{8,})|\.(\d+))?(?:\.gz)?$/.exec(each.slice(name.length)) ?? ['none'];
      if (each !== name && dated === undefined && turn === undefined) return [];
      return [{ each, dated: dated ?? '', age: Number(turn ?? 0) }];
    });
  const byAge = (a: Form, b: Form) =>
    Number(b.dated !== '') - Number(a.dated !== '') || a.dated.localeCompare(b.dated) || b.age - a.age;
  return forms.sort(byAge).map(({ each }) => join(dirname(journal), each));
}

interface Form {
  readonly dated: string;
  readonly age: number;
}
