import type { Share } from './share.ts';
import type { TestFile } from './test-files.ts';

/** The work of one process of a run. */
export interface Job {
  readonly name: string;
  /** The test file; undefined for all unit tests together. */
  readonly file?: string;
  readonly isLab: boolean;
  readonly env: Record<string, string>;
}

/**
 * Files that only `npm run test:all` runs, so that `npm test` takes only minutes. `npm test` keeps the unit tests, and
 * for each subject some tests on hosts with the first form of the scripts.
 */
export const LEFT_TO_ALL = [
  'test/long/',
  // Packages, and the check of types and format, which `npm run check` runs as well.
  'test/packaging/',
  'test/build/style.test.ts',
  ...[
    // Other servers and daemons.
    'e2e/abuseipdb',
    'e2e/countries',
    'e2e/crawlers',
    'e2e/docker',
    'e2e/fail2ban',
    'e2e/firewalld',
    'e2e/haproxy-deny',
    'e2e/mail-delivery',
    'e2e/modsecurity-requests',
    'e2e/nginx-deny',
    'e2e/webhook',
    'install/uninstall-firewalld',
    // Lists, and their export.
    'e2e/export',
    'e2e/lists',
    // Storms, and managers beside the server.
    'e2e/beside-manager',
    'e2e/killed-in-storm',
    'e2e/mail-without-manager',
    'e2e/mass',
    'e2e/storm',
    // Faults of disks, entries, programs and settings, and kills at every step.
    'e2e/bad-input',
    'daemon/persistent-processes',
    'e2e/daemon-faults',
    'e2e/damaged-entries',
    'e2e/foreign-settings',
    'e2e/full-disk',
    'e2e/odd-fields',
    'e2e/serve-faults',
    'install/bad-input',
    'install/killed',
    'doctor/configuration',
    'doctor/faults',
    'doctor/host',
    'doctor/mail',
    // The same requests in more settings, and for more responses.
    'e2e/apache-deny',
    'e2e/by-command',
    'e2e/daemon',
    'e2e/duration',
    'e2e/handshake',
    'e2e/hostile-requests',
    'e2e/scan',
    'e2e/serve-site',
    'cli/sweep',
    'cli/sweep-at-once',
    'cli/sweep-guard',
    // Installations of other kinds, and the steps after an installation.
    'doctor/log-formats',
    'doctor/self-test',
    'doctor/support',
    'e2e/demo',
    'install/cluster',
    'install/from-0.1.0',
    'install/linked-home',
    'install/modes',
    'install/own-responses',
    'install/precompile',
    'install/repair',
    'install/restart',
    'install/rule-pack',
    'install/settings-to-move',
    'install/shared',
    'install/standalone',
    'install/this-host',
    // Reports and metrics on a host, which have unit tests, too.
    'e2e/metrics',
    'metrics/collect',
    'report/page',
    'report/report',
    // Texts at every place of every format.
    'active-response/protocol/properties',
    'logs/generated-lines',
    'logs/readers/linear',
    'logs/readers/template',
  ].map((name) => `test/${name}.test.ts`),
];

/** True if a run with these parts of file names includes the file. */
export const isWanted = (path: string, parts: readonly string[]): boolean =>
  parts.length === 0 || parts.some((part) => path.includes(part));

/** Files that run with both forms of the scripts: a script works with Node, or passes its work to `riposte respond`. */
export const IN_BOTH_FORMS = [
  'apache-deny',
  'bad-input',
  'operator',
  'docker',
  'duration',
  'firewall-drop',
  'firewalld',
  'guard',
  'handshake',
  'haproxy-deny',
  'honest',
  'nginx-deny',
  'odd-fields',
  'repair',
  'route-null',
  'storm',
].map((name) => `test/e2e/${name}.test.ts`);

/** The longest files, which start first, so that none of them runs alone at the end. */
export const FIRST = [
  'packaging/debian',
  'packaging/ansible',
  'packaging/made',
  'packaging/distribution-node',
  'packaging/rpm',
  'e2e/serve',
  'e2e/crawlers',
  'e2e/firewall-drop',
  'install/killed',
  'e2e/duration',
  'e2e/handed-on',
  'e2e/serve-faults',
  'e2e/full-disk',
  'e2e/daemon',
  'e2e/firewalld',
  'e2e/by-command',
  'install/install',
  'report/page',
  'e2e/email-alert',
  'e2e/hostile-requests',
  'e2e/demo',
  'e2e/metrics',
  'e2e/storm',
  'e2e/scan',
  'e2e/mail-delivery',
  'e2e/bad-input',
  'install/uninstall-firewalld',
  'install/bad-input',
  'e2e/serve-site',
  'cli/sweep',
  'cli/sweep-at-once',
  'e2e/apache-deny',
  'e2e/daemon-faults',
].map((name) => `test/${name}.test.ts`);

/** The jobs of a share, in the order in which they start. */
export function jobsOf(files: readonly TestFile[], share: Share): Job[] {
  const units = files.filter((file) => file.isUnit && runsIn(share, file));
  const others = files.filter(({ isUnit }) => !isUnit).sort((a, b) => rank(a.path) - rank(b.path));
  return [
    ...(units.length > 0 ? [{ name: 'the unit tests', isLab: false, env: {} }] : []),
    ...others.filter((file) => runsIn(share, file)).map((file) => jobOf(file, 'alone')),
    ...others.filter(({ path }) => hasSecondForm(path, share)).map((file) => jobOf(file, 'daemon')),
  ];
}

/** True if a file runs in a share, in its first form. */
export function runsIn(share: Share, { path, isShared }: TestFile): boolean {
  if (share === 'all') return true;
  return share === 'rest' ? isLong(path) || isShared : !isLong(path);
}

const isLong = (path: string): boolean => LEFT_TO_ALL.some((each) => path.startsWith(each));

const hasSecondForm = (path: string, share: Share) => share !== 'quick' && IN_BOTH_FORMS.includes(path);

function jobOf({ path, isLab }: TestFile, form: 'alone' | 'daemon'): Job {
  return {
    name: form === 'alone' ? path : `${path} (handed on)`,
    file: path,
    isLab,
    // `npm test` runs neither the second form nor a long file, so the rest runs all their tests.
    env: {
      RIPOSTE_TEST_FORM: form,
      ...((form === 'daemon' || isLong(path)) && { RIPOSTE_TEST_SHARE: 'all' }),
    },
  };
}

/** The file's place in FIRST; all other files come after the files in FIRST. */
const rank = (path: string) => (FIRST.includes(path) ? FIRST.indexOf(path) : FIRST.length);
