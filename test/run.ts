/**
 * npm test: runs the unit tests in one process (test/run-units.ts), and every other test file in a process of its
 * own, several at a time; it ends with one line of counts. Arguments are parts of file names: `npm test -- guard
 * nftables`.
 *
 * It runs a share of long series of similar cases (test/runner/share.ts), and leaves out the files of LEFT_TO_ALL and
 * the second form of the scripts (test/runner/jobs.ts). `--all` runs everything, `--rest` runs the tests that a run
 * without options leaves out. `--jobs N` runs N files at a time.
 */
import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import minimist from 'minimist';
import { Bundle } from './runner/bundle.ts';
import {
  addTo,
  type Counts,
  closing,
  closingCounts,
  countsIn,
  failuresIn,
  lineOf,
  withoutClosing,
} from './runner/counts.ts';
import { isWanted, type Job, jobsOf } from './runner/jobs.ts';
import type { Share } from './runner/share.ts';
import { testFiles } from './runner/test-files.ts';

/** The time limit of one test file, in milliseconds. */
const TIME_LIMIT = 40 * 60_000;

/** The longest time from the end of a suite to the end of its process, in milliseconds. */
const LINGERING = 60_000;

const {
  _: wanted,
  all,
  rest,
  jobs,
} = minimist(process.argv.slice(2), { string: ['_', 'jobs'], boolean: ['all', 'rest'] });
const share: Share = rest ? 'rest' : all ? 'all' : 'quick';

/**
 * The number of files that run at a time. It exceeds the number of processors, because a file waits for two thirds of
 * its time.
 */
const atOnce = Math.max(1, Number(jobs ?? availableParallelism() + 3));
if (!Number.isInteger(atOnce)) throw new Error(`--jobs is '${jobs}', but must be a number`);

/** The highest number of files that start hosts at a time. Such a file keeps all processors busy at times. */
const labsAtOnce = Math.max(2, atOnce - 1);

const began = performance.now();
const files = (await testFiles()).filter(({ path }) => isWanted(path, wanted));
const waiting = jobsOf(files, share);
const bundle = await Bundle.of(waiting.flatMap(({ file }) => file ?? []));

/** The output of failed files, repeated at the end, where people look for it. */
const failures: string[] = [];
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
try {
  await Promise.all(Array.from({ length: atOnce }, (_, index) => work(index < labsAtOnce)));
} finally {
  await bundle.remove();
}
const minutes = ((performance.now() - began) / 60_000).toFixed(1);
console.log(`\n${share} share, ${atOnce} at a time: ${minutes} minutes`);
console.log(closing(failures, total));
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

/** Runs one job after the other until none is left. @param takesLabs whether it also runs jobs that start hosts */
async function work(takesLabs: boolean): Promise<void> {
  for (;;) {
    const index = waiting.findIndex(({ isLab }) => takesLabs || !isLab);
    const [job] = index === -1 ? [] : waiting.splice(index, 1);
    if (job === undefined) return;
    const { counts, text } = await (job.file === undefined ? runUnits(job) : runFile(job, job.file));
    addTo(total, counts);
    console.log(text);
    failures.push(...failuresIn(text));
  }
}

interface Done {
  readonly counts: Counts;
  /** The printed result. */
  readonly text: string;
}

async function runFile(job: Job, file: string): Promise<Done> {
  const { exitCode, output, seconds } = await runNode(job, ['--enable-source-maps', bundle.moduleOf(file)]);
  const counts = withCrash(countsIn(output), exitCode);
  return { counts, text: lineOf(job.name, counts, seconds, output) };
}

/** Runs the unit tests, which print a line for each file. Replaces the closing line by a line about all unit tests. */
async function runUnits(job: Job): Promise<Done> {
  const { exitCode, output, seconds } = await runNode(job, [
    'build/run-ts.mjs',
    'test/run-units.ts',
    ...wanted,
  ]);
  const counts = withCrash(closingCounts(output), exitCode);
  return { counts, text: `${withoutClosing(output)}\n${lineOf(job.name, counts, seconds, '')}`.trim() };
}

/** Counts a failure if a process without a failed test has ended with an exit code other than 0, as after a crash. */
function withCrash(counts: Counts, exitCode: number | undefined): Counts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function runNode({ file, env }: Job, words: string[]) {
  const start = performance.now();
  const running = execa(process.execPath, words, {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: TIME_LIMIT,
    env: { FORCE_COLOR: '0', NO_COLOR: '1', RIPOSTE_TEST_SHARE: share, ...env },
  });
  // End the process: a program that a failed test has left running may keep the process from ending.
  running.all.on('data', (text) => {
    if (file !== undefined && /^ {2}Duration:/m.test(text))
      setTimeout(() => running.kill(), LINGERING).unref();
  });
  const { all: output, exitCode } = await running;
  return { exitCode, output, seconds: (performance.now() - start) / 1000 };
}
