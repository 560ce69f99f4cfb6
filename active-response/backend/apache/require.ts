import type { Backend } from '../backend.ts';
import { type IncludedFile, includedFile, type ServerCommands } from '../deny-file/included-file.ts';

/** The directive that denies one address or prefix, in each of Apache's two access-control languages. */
const DIRECTIVES = { apache24: 'Require not ip', apache22: 'Deny from' } as const;

type Flavour = keyof typeof DIRECTIVES;

/**
 * The file of a flavour. The site's own RequireAll must enclose the included file, because `Require not` is not a
 * condition by itself.
 */
export const fileOf = (flavour: Flavour, file: string): IncludedFile => ({
  file,
  setting: 'APACHE_FILE',
  header: '# Addresses that Apache denies. Riposte makes this file anew at each change.\n',
  before: `${DIRECTIVES[flavour]} `,
  after: '',
});

/**
 * A file that Apache's configuration includes, for servers where a RewriteMap does not work, and for prefixes.
 *
 * @param entries the addresses and prefixes in the ledger
 */
export const apacheRequire = (
  flavour: Flavour,
  file: string,
  entries: () => Iterable<string>,
  commands: ServerCommands,
): Backend => includedFile(flavour, fileOf(flavour, file), entries, commands);
