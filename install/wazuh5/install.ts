import { asRiposteError, EX, RiposteError } from '../../base/errors.ts';
import { type Content, findContent, idsIn, versionOf } from './content.ts';
import {
  applyChange,
  type ContentChange,
  contentChanges,
  describeChange,
  needsRoot,
  updatePolicy,
} from './content-changes.ts';
import type { Indexer } from './indexer.ts';
import { logtest } from './logtest.ts';
import type { Pack } from './pack.ts';
import {
  findParts,
  isAsWanted,
  type PartName,
  type Parts,
  putPart,
  type ResponseOptions,
  wantedParts,
} from './parts.ts';
import { demandNothingElsePending, isOwnPending, promote, type Source } from './promote.ts';
import { type Before, describeRollback } from './rollback.ts';

/** The choices of a person. */
export interface Wazuh5Options extends ResponseOptions {
  readonly isDryRun: boolean;
  /** False leaves out channel and monitor: the detector finds attacks, but nothing responds. */
  readonly responds: boolean;
}

/** Takes a line about each step. */
export type Say = (line: string) => void;

/**
 * Puts the pack into an indexer: content in draft, test and custom, then detector, channel and monitor. Changes nothing
 * that is correct already. If a step fails, the former state is restored.
 *
 * @returns the number of changes
 * @throws RiposteError with the reason and the outcome of the restoration
 */
export async function installPack(
  indexer: Indexer,
  pack: Pack,
  options: Wazuh5Options,
  say: Say,
): Promise<number> {
  const content = await findContent(indexer, pack);
  demandNoNewer(indexer, content, pack);
  const parts = await findParts(indexer, pack);
  const changes = contentChanges(content, pack);
  if (options.isDryRun) {
    for (const change of changes) say(describeChange(change, 'planned'));
    for (const line of plannedParts(pack, content, parts, changes, options)) say(line);
    return changes.length;
  }
  const hasContent = changes.length > 0 || (await waitsFor(indexer, pack, content));
  if (hasContent) for (const space of SOURCES) await demandNothingElsePending(indexer, space, content.ids);
  const before: Before = { content, parts };
  const promoted = new Set<Source>();
  try {
    let made = 0;
    if (hasContent) {
      made += await putContent(indexer, pack, content, changes, say);
      made += await promoteTested(indexer, pack, promoted, say);
    }
    return made + (await putParts(indexer, pack, parts, options, say));
  } catch (error) {
    const { exitCode, message } = asRiposteError(error);
    const outcome = await describeRollback(indexer, pack, before, promoted);
    throw new RiposteError(exitCode, `${message}; ${outcome}`, { cause: error });
  }
}

const SOURCES = ['draft', 'test'] as const satisfies readonly Source[];

/**
 * True when an earlier run has left something to do: the policy's root decoder is not set, or Riposte's content is not
 * promoted yet.
 */
async function waitsFor(indexer: Indexer, pack: Pack, content: Content): Promise<boolean> {
  if (needsRoot(content) && content.policy.root_decoder !== rootIn(content, pack)?.id) return true;
  for (const space of SOURCES) if (await isOwnPending(indexer, space, content.ids)) return true;
  return false;
}

const rootIn = ({ decoders }: Content, { rootDecoder }: Pack) =>
  decoders.find(({ document }) => document.name === rootDecoder.name);

/** @throws RiposteError (CANTCREAT) when this program is older than the pack in the indexer */
function demandNoNewer({ host }: Indexer, content: Content, { version }: Pack): void {
  const installed = versionOf(content);
  if (installed === undefined || !isNewer(installed, version)) return;
  throw new RiposteError(
    EX.CANTCREAT,
    `${host} has the pack of Riposte ${installed}, and this is Riposte ${version}: use the newer program, or run wazuh5 uninstall first; nothing was changed`,
  );
}

function isNewer(one: string, other: string): boolean {
  const [first, second] = [one, other].map((version) => version.split(/[.+-]/).map(Number));
  const at = [0, 1, 2].find((index) => (first?.[index] ?? 0) !== (second?.[index] ?? 0));
  return at !== undefined && (first?.[at] ?? 0) > (second?.[at] ?? 0);
}

async function putContent(
  indexer: Indexer,
  pack: Pack,
  content: Content,
  changes: readonly ContentChange[],
  say: Say,
): Promise<number> {
  let integration = content.integration?.id;
  for (const change of changes) {
    const id = await applyChange(indexer, change, integration);
    if (change.kind === 'integrations') integration = id;
    say(describeChange(change, 'done'));
  }
  if (!needsRoot(content)) return changes.length;
  const now = await findContent(indexer, pack);
  const root = rootIn(now, pack);
  if (root === undefined || now.policy.root_decoder === root.id) return changes.length;
  await updatePolicy(indexer, now.policy, {
    root_decoder: root.id,
    integrations: idsIn(now.policy.integrations),
  });
  say(`made ${String(pack.rootDecoder.name)} the root decoder of the policy, which had none`);
  return changes.length + 1;
}

/** Promotes draft to test, tests lines in the test space, and promotes test to custom. */
async function promoteTested(indexer: Indexer, pack: Pack, promoted: Set<Source>, say: Say): Promise<number> {
  const { integration, policy } = await findContent(indexer, pack);
  if (policy.enabled === false) say('the draft policy is disabled, so the engine will not run this policy');
  let moved = 0;
  for (const space of SOURCES) {
    // Noted before the request, because the answer may be lost.
    promoted.add(space);
    if (await promote(indexer, space)) {
      moved++;
      say(space === 'draft' ? 'promoted draft to test' : 'promoted test to custom');
    } else promoted.delete(space);
    if (space !== 'draft') continue;
    await logtest(indexer, integration?.id ?? '', pack.logtest);
    say(`tested ${pack.logtest.length} lines in the test space`);
  }
  return moved;
}

async function putParts(
  indexer: Indexer,
  pack: Pack,
  before: Parts,
  options: Wazuh5Options,
  say: Say,
): Promise<number> {
  const { rules } = await findContent(indexer, pack);
  let parts = before;
  let made = 0;
  for (const part of namesOf(options)) {
    const wanted = wantedParts(
      pack,
      parts,
      rules.map(({ id }) => id),
      options,
    )[part];
    const put = await putPart(indexer, part, parts[part], wanted);
    if (put === undefined) continue;
    made++;
    say(`${put.what} the ${part} '${pack[part === 'channel' ? 'monitor' : part].name}'`);
    parts = { ...parts, [part]: { id: put.id, document: wanted } };
  }
  return made;
}

const namesOf = ({ responds }: Wazuh5Options): readonly PartName[] =>
  responds ? ['detector', 'channel', 'monitor'] : ['detector'];

function plannedParts(
  pack: Pack,
  content: Content,
  parts: Parts,
  changes: readonly ContentChange[],
  options: Wazuh5Options,
): string[] {
  const ids = content.rules.map(({ id }) => id);
  const isNewRule = changes.some(({ what, kind }) => kind === 'rules' && what !== 'update');
  const wanted = wantedParts(pack, parts, ids, options);
  return namesOf(options).flatMap((part) => {
    if (parts[part] === undefined) return [`would create the ${part}`];
    const isSame = isAsWanted(parts[part], wanted[part]) && !(part === 'detector' && isNewRule);
    return isSame ? [] : [`would update the ${part}`];
  });
}
