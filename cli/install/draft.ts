import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readIfThere } from '../../active-response/files.ts';
import { readXml } from '../../engine/xml/read-xml.ts';
import { type Asked, chosen, rememberedIn } from '../ossec-conf/choice.ts';
import { withRiposte } from '../ossec-conf/riposte-in-conf.ts';
import type { Io } from '../verb.ts';
import { belongingsOf } from './belongings.ts';
import { type ConfFile, readConf, webLogs } from './conf-file.ts';
import { demandRoots, interpreter, runningProgram } from './interpreter.ts';
import { leftoversOf } from './leftovers.ts';
import {
  type Manifest,
  manifestFileOf,
  manifestOf,
  manifestText,
  NOTHING,
  readManifest,
} from './manifest.ts';
import { type Plan, planInstall, type Step } from './plan.ts';
import { type ManagedSite, usesOssecConf } from './site.ts';

/** What a person asked of an installation. */
export interface Wishes {
  /** Undefined: as it was chosen before. */
  readonly choice: Asked;
  readonly dryRun: boolean;
  readonly restart: boolean;
  /** Whether what was edited between the markers in ossec.conf may go. */
  readonly discardsEdits: boolean;
}

/** An installation as it was thought out, before anything is changed. */
export interface Draft extends Plan {
  readonly before: Manifest;
  readonly after: Manifest;
  /** ossec.conf and what shall be in it; undefined where the manager's is left alone. */
  readonly conf: (ConfFile & { readonly wanted: string }) | undefined;
  /** What a killed run has left. */
  readonly leftovers: readonly string[];
}

/** @throws RiposteError for an ossec.conf that cannot be read, and for files that are in the way */
export function draftOf(site: ManagedSite, wishes: Wishes, io: Io): Draft {
  const { home, manager, inside } = site;
  const conf = usesOssecConf(manager) ? { ...readConf(site), manager } : undefined;
  if (conf) readXml(conf.text, home.ossecConf, conf.manager.kind); // on an agent no program of its own would say so
  const node = interpreter();
  demandRoots(node);
  const before = readManifest(home) ?? NOTHING;
  const choice = chosen(wishes.choice, before.choice);
  const belongings = belongingsOf(site, {
    interpreter: node,
    program: runningProgram(io.program),
    ...choice,
    ossecConf: conf?.text ?? '',
  });
  const plan = planInstall(site, belongings, before);
  const once = plan.steps.flatMap((step) => (isOnce(step) ? [inside(step.file.path)] : []));
  // Without a manager all below the home is ours, whichever run has made it.
  const own =
    manager.kind === 'none' ? [home.root, join(home.root, 'var'), join(home.root, 'var/riposte')] : [];
  const after = manifestOf(
    belongings,
    choice,
    inside,
    [...new Set([...before.once, ...once])],
    [...new Set([...before.directories, ...[...own, ...plan.directories].map(inside)])],
  );
  const needs = {
    home: inside(home.root),
    logFiles: webLogs(site),
    hasLocalDecoder: existsSync(join(home.root, 'etc/local_decoder.xml')),
    ...choice,
  };
  return {
    ...plan,
    remarks: [...rememberedIn(wishes.choice, choice), ...plan.remarks],
    before,
    after,
    conf: conf && {
      ...conf,
      wanted: withRiposte(
        conf.text,
        home.ossecConf,
        { ...needs, manager: conf.manager },
        wishes.discardsEdits,
      ),
    },
    leftovers: leftoversOf(site, conf?.path, before, belongings),
  };
}

export const isConfChanged = ({ conf }: Pick<Draft, 'conf'>): boolean =>
  conf !== undefined && conf.wanted !== conf.text;

/** True when the manager has something new to read: its configuration, rules or decoders. */
export const concernsManager = (draft: Draft): boolean =>
  isConfChanged(draft) || [...draft.steps, ...draft.obsolete].some(isRuleset);

/** True when there is nothing to do. */
export const isComplete = ({ home }: ManagedSite, draft: Draft): boolean =>
  draft.steps.length + draft.obsolete.length + draft.leftovers.length === 0 &&
  !isConfChanged(draft) &&
  readIfThere(manifestFileOf(home)) === manifestText(draft.after);

const isRuleset = (step: Step): boolean => /^(0000-)?riposte_.*\.xml$/.test(basename(pathOf(step)));

const pathOf = (step: Step): string =>
  step.does === 'remove' ? step.path : step.does === 'link' ? step.link.path : step.file.path;

function isOnce(step: Step): step is Extract<Step, { does: 'make' | 'replace' }> {
  return (step.does === 'make' || step.does === 'replace') && step.file.once === true;
}
