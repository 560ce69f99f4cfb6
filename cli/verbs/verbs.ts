import type { Verb } from '../verb.ts';

type Loaders = Readonly<Record<string, () => Promise<Verb>>>;

/** The purpose of a verb: the groups of `riposte help`, in order. */
type VerbGroup = 'set up' | 'watch' | 'act' | 'judge';

/** The verbs in the order of `riposte help`. Each is loaded on demand: loading all takes longer than starting Node. */
const LOADERS: Readonly<Record<VerbGroup, Loaders>> = {
  'set up': {
    install: async () => (await import('./install.ts')).install,
    uninstall: async () => (await import('./uninstall.ts')).uninstall,
    wazuh5: async () => (await import('./wazuh5.ts')).wazuh5,
    doctor: async () => (await import('./doctor.ts')).doctor,
    completion: async () => (await import('./completion.ts')).completion(allVerbs),
  },
  watch: {
    status: async () => (await import('./status.ts')).status,
    history: async () => (await import('./history.ts')).history,
    events: async () => (await import('./events.ts')).events,
    report: async () => (await import('./report.ts')).report,
    export: async () => (await import('./export.ts')).exportBlocks,
    mail: async () => (await import('./mail.ts')).mail,
    metrics: async () => (await import('./metrics.ts')).metrics,
    munin: async () => (await import('./munin.ts')).munin,
  },
  act: {
    block: async () => (await import('./block.ts')).block,
    import: async () => (await import('./import.ts')).importLists,
    unblock: async () => (await import('./unblock.ts')).unblock,
    allow: async () => (await import('./allow.ts')).allow,
    except: async () => (await import('./except.ts')).except,
    feed: async () => (await import('./feed.ts')).feed,
    sweep: async () => (await import('./sweep.ts')).sweep,
    restore: async () => (await import('./sweep.ts')).restore,
    respond: async () => (await import('./respond.ts')).respond,
    fire: async () => (await import('./fire.ts')).fire,
  },
  judge: {
    serve: async () => (await import('./serve.ts')).serve,
    scan: async () => (await import('./scan.ts')).scan,
    rules: async () => (await import('./rules.ts')).rules,
    logtest: async () => (await import('./logtest.ts')).logtest,
    ruletest: async () => (await import('./ruletest.ts')).ruletest,
    replay: async () => (await import('./replay.ts')).replay,
  },
};

const ALL: Loaders = Object.assign({}, ...Object.values(LOADERS));

/** @returns undefined when there is no such verb */
export async function verbNamed(name: string): Promise<Verb | undefined> {
  return Object.hasOwn(ALL, name) ? ALL[name]?.() : undefined;
}

/** All verbs by name. */
export const allVerbs = (): Promise<Readonly<Record<string, Verb>>> => loadAll(ALL);

/** All verbs by group and name, in the order of the help. */
export async function verbGroups(): Promise<Readonly<Record<string, Readonly<Record<string, Verb>>>>> {
  const loading = Object.entries(LOADERS).map(async ([group, verbs]) => [group, await loadAll(verbs)]);
  return Object.fromEntries(await Promise.all(loading));
}

async function loadAll(loaders: Loaders): Promise<Readonly<Record<string, Verb>>> {
  const loading = Object.entries(loaders).map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(loading));
}
