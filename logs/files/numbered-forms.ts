import { basename, dirname, join } from 'node:path';
import { namesIn } from '../../base/names-in.ts';

/**
 * A log and its forms by logrotate, oldest first, without other copies such as events.jsonl.bak.
 *
 * @throws RiposteError (NOPERM, IOERR) if the directory cannot be read
 */
export function numberedForms(log: string): string[] {
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
