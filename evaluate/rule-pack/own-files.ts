import { carriedFiles, isOfRulePack } from '../../base/carried-files.ts';
import { packFile } from '../../base/pack-overlay.ts';
import { builtInSources, builtInXml } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { LIST_FILES, signatureList } from '../../judgement/signatures/list/index.ts';
import { CDN_LISTS, cdnFile, cdnList } from '../../logs/proxies/cdn-lists.ts';
import { TrustedProxies } from '../../logs/proxies/trusted-proxies.ts';
import { OPERATORS_FILE, operators, ownOperators } from '../robots/operators.ts';

/** The files that a pack of rules contains, by path, as they are in force in this process. */
export function filesInForce(): Map<string, string> {
  const { decoders, rules } = builtInXml('ossec');
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return new Map([
    ...[...decoders, ...rules].map(({ file, text }) => [file, text] as const),
    ...LIST_FILES.map(({ name, text }) => [name, packFile(name) ?? text] as const),
    ...[...CDN_LISTS.keys()].map((name) => [cdnFile(name), json(cdnList(name))] as const),
    [OPERATORS_FILE, packFile(OPERATORS_FILE) ?? json(ownOperators)],
    ...Object.entries(carriedFiles()).filter(([path]) => isOfRulePack(path)),
  ]);
}

/** Reads all of the files in force. @throws Error for a file that this program does not understand */
export function tryFilesInForce(): void {
  loadRuleset(builtInSources('ossec', true));
  signatureList();
  operators();
  new TrustedProxies([...CDN_LISTS.keys()]);
}
