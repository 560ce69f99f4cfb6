import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { execaSync } from 'execa';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { eventually, RunningServer } from '../test/lab/server.ts';
import { plainLine } from './plain-traffic.ts';
import { printTable } from './table.ts';
import { untilBlocked } from './until-blocked.ts';

/**
 * Prints the time and memory of `riposte serve`.
 *
 * @param isLong ten million lines from a million sources instead of one million from 100,000
 * @param ossecHome the home of an OSSEC server, to measure its chain as well
 */
export async function serveBench(isLong: boolean, ossecHome?: string): Promise<void> {
  execaSync(process.execPath, ['build/run-ts.mjs', 'build/build.ts']);
  await untilBlocked(ossecHome);
  await keepsUp(50_000, isLong ? 20 : 10);
  await memory(isLong ? 10_000_000 : 1_000_000, isLong ? 1_000_000 : 100_000);
}

interface State {
  lines: number;
  memory: number;
  now: string;
}

/** Runs `work` with a log, and with a server on its own host that reads this log and blocks nobody. */
async function withServer(
  work: (log: number, at: Installation, server: RunningServer) => Promise<void>,
): Promise<void> {
  const host = await Host.create('bench');
  const at = await Installation.create(host);
  await at.write('access.log', '');
  const server = await RunningServer.start(at, ['--simulate', `${at.home}/access.log`]);
  const log = openSync(`${at.home}/access.log`, 'a');
  try {
    await work(log, at, server);
  } finally {
    closeSync(log);
    await server.end();
    await host.remove();
    await at.remove();
  }
}

const stateOf = async (at: Installation): Promise<State> =>
  JSON.parse(await at.read('var/riposte/serve.json'));

/** Processor seconds of a process, by the kernel's ticks of 10 ms. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').split(' ');
  return (Number(fields[12]) + Number(fields[13])) / 100;
}

async function keepsUp(rate: number, seconds: number): Promise<void> {
  await withServer(async (log, at, server) => {
    const tick = 10;
    const pieces = Array.from({ length: 100 }, (_, piece) =>
      Array.from({ length: (rate * tick) / 1000 }, (_, line) => plainLine(piece * 500 + line, 20_000)).join(
        '',
      ),
    );
    const start = performance.now();
    const ticks = (seconds * 1000) / tick;
    const before = processorTime(server.pid);
    for (let done = 0; done < ticks; ) {
      const due = Math.min(ticks, Math.floor((performance.now() - start) / tick));
      for (; done < due; done++) writeSync(log, pieces[done % pieces.length] ?? '');
      await pause(tick / 2);
    }
    const end = Date.now();
    const total = rate * seconds;
    await eventually('the server has read all lines', async () => (await stateOf(at)).lines >= total, {
      patience: 300_000,
    });
    const { now } = await stateOf(at);
    const behind = Math.max(0, Date.parse(now) - end) / 1000;
    const share = ((processorTime(server.pid) - before) / (performance.now() - start)) * 1000 * 100;
    console.log(
      `\n${rate.toLocaleString('en')} lines a second for ${seconds} s: all read within ${behind.toFixed(1)} s of the last line (measured once a second), ${share.toFixed(0)} % of a core`,
    );
  });
}

async function memory(lines: number, sources: number): Promise<void> {
  await withServer(async (log, at) => {
    const rows: (string | number)[][] = [];
    const step = 20_000;
    for (let written = 0; written < lines; ) {
      let text = '';
      for (let line = 0; line < step; line++) text += plainLine(written + line, sources);
      writeSync(log, text);
      written += step;
      const isFull = written % 200_000 === 0;
      await eventually(
        'the server keeps up',
        async () => (await stateOf(at)).lines >= written - (isFull ? 0 : 200_000),
        {
          patience: 300_000,
        },
      );
      if (isFull) ftruncateSync(log);
      if (written % (lines / 10) === 0)
        rows.push([written.toLocaleString('en'), (await stateOf(at)).memory / 1024 / 1024]);
    }
    printTable(
      `${lines.toLocaleString('en')} lines from ${sources.toLocaleString('en')} sources`,
      ['lines', 'MB resident'],
      rows,
    );
  });
}

const pause = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));
