import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { EX } from '../active-response/errors.ts';
import { SYNCED_TOGETHER } from '../active-response/replace-files.ts';
import { main } from './main.ts';
import { wantsColours } from './style.ts';
import type { Io } from './verb.ts';

// Before anything uses the pool: that many files are synced at a time.
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

// A reader that has seen enough, as `head` has, is no error; there is nothing more to do then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EX.OK : EX.IOERR);
});

/** What this file is as a thread of its own program; each is loaded when it is wanted, as a verb is. */
const THREADS: Record<string, (port: MessagePort) => Promise<unknown>> = {
  responder: async (port) => (await import('./serve/responder-worker.ts')).respondInThread(port),
  resident: async (port) => (await import('./resident/resident-worker.ts')).answerInThread(port),
  metrics: async (port) => (await import('./serve/metrics-worker.ts')).collectInThread(port),
};
const thread = THREADS[(workerData as { role?: string } | null)?.role ?? ''];

if (parentPort && thread) thread(parentPort);
else {
  main(process.argv.slice(2), terminal).then((exitCode) => {
    process.exitCode = exitCode;
  });
}
