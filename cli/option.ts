/** One option of a verb, by its name without hyphens. */
export interface Option {
  /** A word for its value, in capitals: DIR. Without it the option is a switch. */
  readonly value?: string;
  /** Another name, such as a single letter. */
  readonly alias?: string;
  /** Its effect, for the help text, the man page and completion. */
  readonly text: string;
}
