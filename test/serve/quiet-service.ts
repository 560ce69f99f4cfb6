import { homeAt } from '../../active-response/home.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { chosenFile } from '../../evaluate/rule-pack/chosen-pack.ts';
import { SourceGuard } from '../../evaluate/source-guard.ts';
import { Exceptions } from '../../judgement/exceptions/exceptions.ts';
import { findLogs } from '../../logs/sources/find-logs.ts';
import { parseLogSource } from '../../logs/sources/log-source.ts';
import type { Service } from '../../serve/service.ts';

/** A service that reads logs with the built-in rules, and makes no blocks and no alerts. @param root of the home */
export function quietService(
  root: string,
  logs: readonly string[],
  more: Pick<Service, 'openLogs' | 'say'> & Partial<Service>,
): Service {
  const sources = logs.map((each) => parseLogSource(each));
  const home = homeAt(root);
  return {
    home,
    guard: new SourceGuard({ home, settings: loadSettings([], new Map()), env: process.env }),
    sources,
    found: findLogs(sources),
    problemOfJournal: () => undefined,
    trustsErrorLog: false,
    sites: [],
    formats: {},
    level: 10,
    networkAfter: 0,
    durations: { atOnce: [60], counted: [60] },
    answerRules: new Set(),
    response: 'firewall-drop',
    startBlockWorker: undefined,
    alertsFile: undefined,
    hook: undefined,
    metrics: undefined,
    rulesFile: chosenFile(home),
    startFeed: undefined,
    loadRules: () => loadRuleset(builtInSources('ossec', false)),
    loadExceptions: () => new Exceptions([]),
    ...more,
  };
}
