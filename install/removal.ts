import { existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { RESPONSES } from '../active-response/response/responses.ts';
import { EX, RiposteError } from '../base/errors.ts';
import { backupOf, type ConfFile, readConf } from './conf-file.ts';
import { administratorsPaths } from './desired-files.ts';
import { planRemoval, type Step } from './file-plan.ts';
import type { InstallTarget } from './install-target.ts';
import { managerAt } from './manager/manager.ts';
import { type Manifest, manifestFileOf, NOTHING, readManifest } from './manifest.ts';
import { dependentsOn, linesOfDependents } from './ossec-conf/dependents.ts';
import { inBlocks } from './ossec-conf/marked-blocks.ts';
import { withCommandsOnly, withoutRiposte } from './ossec-conf/riposte-in-conf.ts';
import { codeFiles } from './precompile.ts';
import { staleTempFiles } from './stale-temp-files.ts';

/** The options of an uninstall. */
export interface UninstallOptions {
  readonly dryRun: boolean;
  readonly restart: boolean;
  /** Also remove configuration, allow list, ledger, journal and backup. */
  readonly purges: boolean;
  /** Discard edits between the markers in ossec.conf. */
  readonly discardsEdits: boolean;
  /** Leave the commands that the administrator's own responses use. */
  readonly keepsCommands: boolean;
}

/** A planned uninstall, before anything is changed. */
export interface Removal {
  readonly manifest: Manifest;
  readonly steps: readonly Step[];
  readonly conf: (ConfFile & { readonly wanted: string }) | undefined;
  readonly leftovers: readonly string[];
  /** With --purge: the directory of Riposte's data. */
  readonly data: string | undefined;
  /** Sentences about files that stay. */
  readonly remarks: readonly string[];
}

/**
 * @throws RiposteError (CONFIG) when the text between our markers in ossec.conf was edited, or when a response of the
 * administrator needs one of our commands
 */
export function removalOf(target: InstallTarget, options: UninstallOptions): Removal {
  const { purges } = options;
  const { home, root } = target;
  const manifest = readManifest(home) ?? NOTHING;
  const { steps, remarks } = planRemoval(target, manifest);
  const conf = existsSync(home.ossecConf) ? readConf(target) : undefined;
  const wanted = conf && confWithout(conf.text, target, options);
  const left = wanted === undefined ? [] : ownCommandsIn(wanted, home.ossecConf);
  // The manager's account may have changed the manifest, so only the paths that Riposte knows are removed.
  const made = manifest.once.map((path) => (root === '/' ? path : root + path));
  const once = [...administratorsPaths(target).filter((path) => made.includes(path)), backupOf(target)];
  const data = dirname(manifestFileOf(home));
  return {
    manifest,
    steps: [...steps, ...removalsOf(codeFiles(home)), ...removalsOf(purges ? once : [])],
    conf: conf && wanted !== undefined ? { ...conf, wanted } : undefined,
    leftovers: staleTempFiles(target, conf?.path, manifest),
    remarks: [
      ...remarks,
      ...(steps.length > 0 ? left : []),
      ...(purges && existsSync(home.apache) ? [apacheRemark(home.apache)] : []),
    ],
    data: purges && lstatSync(data, { throwIfNoEntry: false })?.isDirectory() ? data : undefined,
  };
}

const removalsOf = (paths: readonly string[]): Step[] =>
  paths.filter(existsSync).map((path) => ({ does: 'remove', path }));

/** @throws RiposteError (CONFIG) naming the administrator's responses that would lose their command */
function confWithout(
  text: string,
  { home, root }: InstallTarget,
  { discardsEdits, keepsCommands }: UninstallOptions,
): string {
  const file = home.ossecConf;
  const dialect = managerAt(home.root, root)?.kind ?? 'ossec';
  const wanted = withoutRiposte(text, file, discardsEdits);
  const dependents = wanted === text ? [] : dependentsOn(text, wanted, file, dialect);
  if (dependents.length === 0) return wanted;
  if (keepsCommands) return withCommandsOnly(text, dependents, file, discardsEdits);
  throw new RiposteError(
    EX.CONFIG,
    `${linesOfDependents(dependents, file)}: your own active responses use commands of Riposte, and the manager does not start without these commands. Remove the responses and run again, or run again with --keep-commands to leave the commands; nothing was changed`,
  );
}

/** Names the commands that an administrator has added for our scripts, such as email-alert.js. */
function ownCommandsIn(text: string, file: string): string[] {
  const isOurs = inBlocks(text, file);
  return [...text.matchAll(/<executable>\s*([\w-]+\.js)\s*</g)].flatMap(({ index, 1: script = '' }) => {
    if (isOurs(index) || !SCRIPTS.has(script)) return [];
    const line = text.slice(0, index).split('\n').length;
    return `${file}:${line} (as changed) runs ${script}, which riposte uninstall removes: remove that <command>, and the responses that use it`;
  });
}

/** True when ossec.conf contains Riposte's parts. */
export const isConfChanged = (conf: Removal['conf']): boolean =>
  conf !== undefined && conf.wanted !== conf.text;

const SCRIPTS = new Set([...RESPONSES.map(({ name }) => `${name}.js`), 'email-alert.js']);

/** Apache does not start with a RewriteMap or an Include whose file is missing. */
const apacheRemark = (directory: string): string =>
  `riposte uninstall removes ${directory}, too: check that Apache's configuration no longer names a file in it`;
