/**
 * npm test: runs every test file in a process of its own, two at a time, and ends with one line of counts. The
 * longest go first, so that at the end no one of them keeps the other processor waiting.
 * Those that test the scripts run twice: with and without `riposte respond`.
 * Arguments are parts of file names: `npm test -- guard nftables`.
 */
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import minimist from 'minimist';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What one test file may take, in milliseconds. */
const TIME_LIMIT = 20 * 60_000;

const { _: wanted } = minimist(process.argv.slice(2), { string: ['_'] });
const files = (await readdir('test', { recursive: true }))
  .filter(
    (file) =>
      file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((part) => file.includes(part))),
  )
  .map((file) => join('test', file))
  .sort();

/** The scripts do their work with Node, or hand it to `riposte respond`: these files hold for both. */
const IN_BOTH_FORMS = [
  'apache-deny',
  'bad-input',
  'by-hand',
  'docker',
  'duration',
  'firewall-drop',
  'firewalld',
  'guard',
  'handshake',
  'honest',
  'repair',
  'route-null',
  'storm',
].map((name) => `test/e2e/${name}.test.ts`);

/** What takes longest, the longest first. A name that is wrong here costs no more than time. */
const FIRST = [
  'cli/install/killed',
  'e2e/bad-input',
  'e2e/firewalld',
  'e2e/serve-site',
  'e2e/serve-faults',
  'e2e/handshake',
  'e2e/firewall-drop',
  'cli/sweep',
  'e2e/apache-deny',
  'cli/install/bad-input',
  'cli/install/install',
].map((name) => `test/${name}.test.ts`);

/** Its place in that order, which all others are behind. */
const rank = (file: string) => (FIRST.includes(file) ? FIRST.indexOf(file) : FIRST.length);

interface Job {
  readonly file: string;
  readonly form: 'alone' | 'resident';
}

/** What the failed ones printed: said again at the end, where it is looked for. */
const failures: string[] = [];
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const waiting = files
  .sort((a, b) => rank(a) - rank(b))
  .flatMap((file): Job[] => [
    { file, form: 'alone' },
    ...(IN_BOTH_FORMS.includes(file) ? [{ file, form: 'resident' } as const] : []),
  ]);
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
for (const failure of failures) console.log(`\n${failure}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

async function work(): Promise<void> {
  for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
    const { counts, output, seconds } = await runFile(job);
    const name = job.form === 'alone' ? job.file : `${job.file} (handed on)`;
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    const notes =
      counts.failed > 0
        ? `\n${output}`
        : output
            .replace(/^(?!skipped: ).*\n?/gm, '')
            .replace(/^/gm, '    ')
            .trimEnd();
    const told = `${counts.failed > 0 ? 'FAIL' : 'ok  '} ${name}  ${describe(counts)}  ${seconds.toFixed(1)} s${notes && `\n${notes}`}`;
    console.log(told);
    if (counts.failed > 0) failures.push(told);
  }
}

async function runFile({ file, form }: Job): Promise<{ counts: Counts; output: string; seconds: number }> {
  const start = performance.now();
  const { all, exitCode } = await execa(process.execPath, ['build/run-ts.mjs', file], {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: TIME_LIMIT,
    env: { FORCE_COLOR: '0', NO_COLOR: '1', RIPOSTE_TEST_FORM: form },
  });
  const counts = countsIn(all);
  // A file that ends badly without a failed test has crashed: that is a failure, too.
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return { counts, output: all, seconds: (performance.now() - start) / 1000 };
}

/** uvu's closing lines: `Total: 3`, `Passed: 2`, `Skipped: 1`; a suite that is interrupted prints none. */
function countsIn(output: string): Counts {
  const number = (name: string) => Number(new RegExp(`^\\s*${name}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const [all, passed, skipped] = [number('Total'), number('Passed'), number('Skipped')];
  return { passed, failed: all - passed, skipped };
}

function describe({ passed, failed, skipped }: Counts): string {
  return [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
    .filter(Boolean)
    .join(', ');
}
