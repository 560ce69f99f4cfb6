import type { Home } from '../../active-response/home.ts';
import { numberedForms } from '../../logs/files/numbered-forms.ts';

/**
 * The journal and its rotated forms, oldest first: events.jsonl-20261119.gz (logrotate's dateext),
 * events.jsonl.2.gz, events.jsonl.1, events.jsonl. Empty if there are none.
 *
 * @throws RiposteError (NOPERM, IOERR) if the directory cannot be read
 */
export const journalFiles = ({ journal }: Home): string[] => numberedForms(journal);
