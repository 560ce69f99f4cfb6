import type { Verb } from '../verb.ts';

/** The verbs, as `riposte help` lists them. Each is loaded when it is wanted: all of them together cost more than Node. */
const LOADERS: Readonly<Record<string, () => Promise<Verb>>> = {
  install: async () => (await import('./install.ts')).install,
  uninstall: async () => (await import('./uninstall.ts')).uninstall,
  status: async () => (await import('./status.ts')).status,
  history: async () => (await import('./history.ts')).history,
  report: async () => (await import('./report.ts')).report,
  block: async () => (await import('./block.ts')).block,
  unblock: async () => (await import('./unblock.ts')).unblock,
  allow: async () => (await import('./allow.ts')).allow,
  sweep: async () => (await import('./sweep.ts')).sweep,
  restore: async () => (await import('./sweep.ts')).restore,
  serve: async () => (await import('./serve.ts')).serve,
  respond: async () => (await import('./respond.ts')).respond,
  scan: async () => (await import('./scan.ts')).scan,
  metrics: async () => (await import('./metrics.ts')).metrics,
  munin: async () => (await import('./munin.ts')).munin,
  doctor: async () => (await import('./doctor.ts')).doctor,
  mail: async () => (await import('./mail.ts')).mail,
  fire: async () => (await import('./fire.ts')).fire,
  logtest: async () => (await import('./logtest.ts')).logtest,
  ruletest: async () => (await import('./ruletest.ts')).ruletest,
  replay: async () => (await import('./replay.ts')).replay,
  completion: async () => (await import('./completion.ts')).completion,
};

/** @returns undefined where there is no such verb */
export async function verbNamed(name: string): Promise<Verb | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;
}

/** All verbs by their names, for what tells of all. */
export async function allVerbs(): Promise<Readonly<Record<string, Verb>>> {
  const loading = Object.entries(LOADERS).map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(loading));
}
