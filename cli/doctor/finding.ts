/** What a check found, before it is known which check it was. */
export interface Judged {
  /** A warning is something that a person should know of; nothing is kept from working by it today. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was seen. May hold what others wrote into files: for `printable` before anybody reads it. */
  readonly seen: string;
  /** The command or the line that puts it right; none when all is well. */
  readonly fix?: string;
}

export interface Finding extends Judged {
  /** The name of the check: `scripts`, `ossec.conf`. */
  readonly topic: string;
}

export const ok = (seen: string): Judged => ({ state: 'ok', seen });
export const warning = (seen: string, fix: string): Judged => ({ state: 'warning', seen, fix });
export const problem = (seen: string, fix: string): Judged => ({ state: 'problem', seen, fix });

/** What is wrong, or when that is nothing, what is well. */
export const orOk = (wrong: readonly Judged[], seen: string): readonly Judged[] =>
  wrong.length > 0 ? wrong : [ok(seen)];
