import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundleCli } from '../build/bundle-cli.ts';
import { plainLine } from './plain-traffic.ts';

/** What to compare with, if it is there. */
export interface ReplayBench {
  /** A source tree of ossec/ossec-hids. */
  ruleset?: string | undefined;
  /** The real ossec-logtest, with the stock rules of the same tree. */
  logtest?: string | undefined;
}

const LINES = 100_000;
const MANY_LINES = 1_000_000;
const MANY_SOURCES = 100_000;
const ROUNDS = 3;

/**
 * Prints the CPU time that a line costs, start and ruleset included and not, and the memory that a million
 * lines of 100,000 sources take. The logs are made here. Each figure is the least of three runs in turn.
 */
export async function replayBench({ ruleset, logtest }: ReplayBench): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'riposte-bench-'));
  try {
    const riposte = (await bundleCli(dir)).file;
    writeFileSync(join(dir, 'package.json'), '{ "type": "commonjs" }\n');
    const log = join(dir, 'access.log');
    const many = join(dir, 'many.log');
    makeLog(log, LINES, 2000);
    makeLog(many, MANY_LINES, MANY_SOURCES);
    const stock = ruleset === undefined ? [] : ['--ruleset', ruleset];
    const replay = (file: string, options: string[]) =>
      `${quote(process.execPath)} ${quote(riposte)} replay ${[...options, file].map(quote).join(' ')}`;
    const kinds: [name: string, command: (file: string) => string][] = [
      ['replay, our rules and stand-ins', (file) => replay(file, [])],
    ];
    if (ruleset !== undefined) kinds.push(['replay, stock ruleset', (file) => replay(file, stock)]);
    if (logtest !== undefined)
      kinds.push(['ossec-logtest -q -a', (file) => `${quote(logtest)} -q -a < ${quote(file)}`]);
    console.log(`\n${LINES.toLocaleString('en')} lines of a combined log: microseconds of CPU a line`);
    console.log(`  ${''.padEnd(34)}${'whole run'.padStart(12)}${'without start'.padStart(16)}`);
    for (const [name, command] of kinds) {
      const whole = await leastCpu(command(log));
      const start = await leastCpu(command('/dev/null'));
      const perLine = (seconds: number) => ((seconds / LINES) * 1e6).toFixed(2);
      console.log(`  ${name.padEnd(34)}${perLine(whole).padStart(12)}${perLine(whole - start).padStart(16)}`);
    }
    console.log(`\n${MANY_LINES.toLocaleString('en')} lines of ${MANY_SOURCES.toLocaleString('en')} sources`);
    console.log(`  replay, our rules and stand-ins: ${await peakMegabytes(riposte, [many])} MB at the most`);
    if (ruleset !== undefined) {
      console.log(
        `  replay, stock ruleset: ${await peakMegabytes(riposte, [...stock, many])} MB at the most`,
      );
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** CPU seconds of a command and all it starts, by bash's own `time`. */
async function leastCpu(command: string): Promise<number> {
  const runs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { stderr } = await execa(
      'bash',
      ['-c', `TIMEFORMAT='%U %S'; time { ${command} >/dev/null 2>&1; }`],
      { env: { LC_ALL: 'C' } },
    );
    const [user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    runs.push(user + system);
  }
  return Math.min(...runs);
}

/** The most memory that a replay held, as it says itself when asked to by a preloaded line. */
async function peakMegabytes(riposte: string, args: string[]): Promise<number> {
  const report = "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))";
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const { stderr } = await execa(process.execPath, ['--import', preload, riposte, 'replay', ...args]);
  return Math.round(Number(stderr.split('\n').at(-1)) / 1024);
}

/** Writes a combined log of plain traffic, the same each time. */
function makeLog(file: string, lines: number, sources: number): void {
  const out = openSync(file, 'w');
  for (let at = 0; at < lines; at += LINES) {
    let text = '';
    for (let i = at; i < at + LINES && i < lines; i++) text += plainLine(i, sources);
    writeSync(out, text);
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
