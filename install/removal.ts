import { existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { backupOf, type ConfFile, readConf } from './conf-file.ts';
import { planRemoval, type Step } from './file-plan.ts';
import type { InstallTarget } from './install-target.ts';
import { type Manifest, manifestFileOf, NOTHING, readManifest } from './manifest.ts';
import { withoutRiposte } from './ossec-conf/riposte-in-conf.ts';
import { staleTempFiles } from './stale-temp-files.ts';

/** The options of an uninstall. */
export interface UninstallOptions {
  readonly dryRun: boolean;
  readonly restart: boolean;
  /** Also remove configuration, allow list, ledger, journal and backup. */
  readonly purges: boolean;
  /** Discard edits between the markers in ossec.conf. */
  readonly discardsEdits: boolean;
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

/** @throws RiposteError (CONFIG) when the text between our markers in ossec.conf was edited */
export function removalOf(target: InstallTarget, { purges, discardsEdits }: UninstallOptions): Removal {
  const { home, root } = target;
  const manifest = readManifest(home) ?? NOTHING;
  const { steps, remarks } = planRemoval(target, manifest);
  const conf = existsSync(home.ossecConf) ? readConf(target) : undefined;
  const once = [...manifest.once.map((path) => (root === '/' ? path : root + path)), backupOf(target)];
  const purged = purges ? once.filter(existsSync).map((path): Step => ({ does: 'remove', path })) : [];
  const data = dirname(manifestFileOf(home));
  return {
    manifest,
    steps: [...steps, ...purged],
    conf: conf && { ...conf, wanted: withoutRiposte(conf.text, home.ossecConf, discardsEdits) },
    leftovers: staleTempFiles(target, conf?.path, manifest),
    remarks: purges && existsSync(home.apache) ? [...remarks, apacheRemark(home.apache)] : remarks,
    data: purges && lstatSync(data, { throwIfNoEntry: false })?.isDirectory() ? data : undefined,
  };
}

/** True when ossec.conf contains parts of ours. */
export const isConfChanged = (conf: Removal['conf']): boolean =>
  conf !== undefined && conf.wanted !== conf.text;

/** Apache does not start with a RewriteMap or an Include whose file is missing. */
const apacheRemark = (directory: string): string =>
  `${directory} is removed, too: check that Apache's configuration names no file there any more`;
