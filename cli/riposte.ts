import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { EX } from '../base/errors.ts';
import type { Io } from '../base/io.ts';
import { wantsColours } from '../base/style.ts';
import { SYNCED_TOGETHER } from '../base/synced-together.ts';
import { main } from './main.ts';

// Sets how many files Node can sync at a time. Node reads the variable when the thread pool is first used.
process.env.UV_THREADPOOL_SIZE ??= String(SYNCED_TOGETHER);

const NEWLINE = Buffer.from('\n');

const terminal: Io = {
  out: (line) =>
    process.stdout.write(typeof line === 'string' ? `${line}\n` : Buffer.concat([line, NEWLINE])),
  err: (line) => process.stderr.write(line),
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  isTerminal: process.stderr.isTTY === true,
  hasColours: wantsColours(process.stdout, process.env),
  env: process.env,
  program: process.argv[1] ?? 'riposte',
};

// If a reader such as `head` closes the pipe early, end without an error: nobody reads further output.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EX.OK : EX.IOERR);
});

/** The entry points for worker threads of this program; each is loaded on demand, like a verb. */
const THREADS: Record<string, (port: MessagePort) => Promise<unknown>> = {
  'block-worker': async (port) => (await import('../serve/block-worker.ts')).respondInThread(port),
  'daemon-worker': async (port) => (await import('../daemon/daemon-worker.ts')).answerInThread(port),
  sweep: async (port) => (await import('../serve/sweep-thread.ts')).sweepInThread(port),
  crowdsec: async (port) => (await import('../serve/crowdsec/feed-thread.ts')).feedInThread(port),
  metrics: async (port) => (await import('../serve/metrics/metrics-worker.ts')).collectInThread(port),
};
const thread = THREADS[(workerData as { role?: string } | null)?.role ?? ''];

if (parentPort && thread) thread(parentPort);
else {
  main(process.argv.slice(2), terminal).then((exitCode) => {
    process.exitCode = exitCode;
  });
}
