/** One finding of a check, without the check's name. */
export interface Judged {
  /** A warning is about something that works today but may cause trouble later. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** The observation. It may hold text from untrusted files: pass it through `printable` before showing it. */
  readonly seen: string;
  /** The command or configuration line that corrects it; undefined if nothing is wrong. */
  readonly fix?: string;
}

export interface Finding extends Judged {
  /** The name of the check: `scripts`, `ossec.conf`. */
  readonly topic: string;
}

export const ok = (seen: string): Judged => ({ state: 'ok', seen });
export const warning = (seen: string, fix: string): Judged => ({ state: 'warning', seen, fix });
export const problem = (seen: string, fix: string): Judged => ({ state: 'problem', seen, fix });

/** The findings in `wrong`, or one `ok` if there are none. */
export const orOk = (wrong: readonly Judged[], seen: string): readonly Judged[] =>
  wrong.length > 0 ? wrong : [ok(seen)];
