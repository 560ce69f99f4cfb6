import { existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { withoutRiposte } from '../ossec-conf/riposte-in-conf.ts';
import { backupOf, type ConfFile, readConf } from './conf-file.ts';
import { leftoversOf } from './leftovers.ts';
import { type Manifest, manifestFileOf, NOTHING, readManifest } from './manifest.ts';
import { planRemoval, type Step } from './plan.ts';
import type { Site } from './site.ts';

/** What a person asked of an uninstall. */
export interface RemovalWishes {
  readonly dryRun: boolean;
  readonly restart: boolean;
  /** Whether configuration, allow list, ledger, journal and backup go, too. */
  readonly purges: boolean;
  /** Whether what was edited between the markers in ossec.conf may go. */
  readonly discardsEdits: boolean;
}

/** An uninstall as it was thought out, before anything is changed. */
export interface Removal {
  readonly manifest: Manifest;
  readonly steps: readonly Step[];
  readonly conf: (ConfFile & { readonly wanted: string }) | undefined;
  readonly leftovers: readonly string[];
  /** With --purge: what lies there of the administrator's and of Riposte's data. */
  readonly data: string | undefined;
  /** What stays, in words. */
  readonly remarks: readonly string[];
}

/** @throws RiposteError (CONFIG) when somebody has edited what is between our markers in ossec.conf */
export function removalOf(site: Site, { purges, discardsEdits }: RemovalWishes): Removal {
  const { home, root } = site;
  const manifest = readManifest(home) ?? NOTHING;
  const { steps, remarks } = planRemoval(site, manifest);
  const conf = existsSync(home.ossecConf) ? readConf(site) : undefined;
  const once = [...manifest.once.map((path) => (root === '/' ? path : root + path)), backupOf(site)];
  const purged = purges ? once.filter(existsSync).map((path): Step => ({ does: 'remove', path })) : [];
  const data = dirname(manifestFileOf(home));
  return {
    manifest,
    steps: [...steps, ...purged],
    conf: conf && { ...conf, wanted: withoutRiposte(conf.text, home.ossecConf, discardsEdits) },
    leftovers: leftoversOf(site, conf?.path, manifest),
    remarks: purges && existsSync(home.apache) ? [...remarks, apacheRemark(home.apache)] : remarks,
    data: purges && lstatSync(data, { throwIfNoEntry: false })?.isDirectory() ? data : undefined,
  };
}

/** True when ossec.conf holds something of ours. */
export const isConfChanged = (conf: Removal['conf']): boolean =>
  conf !== undefined && conf.wanted !== conf.text;

/** A RewriteMap or an Include without its file keeps Apache from starting. */
const apacheRemark = (directory: string): string =>
  `${directory} goes, too: see that Apache's configuration does not name a file there any more`;
