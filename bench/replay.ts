import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { plainJsonLine, plainLine } from './plain-traffic.ts';

/** Optional programs and rules for the comparison. */
export interface ReplayBench {
  /** A source tree of ossec/ossec-hids. */
  ruleset?: string | undefined;
  /** The real ossec-logtest, with the stock rules of the same tree. */
  logtest?: string | undefined;
}

const LINES = 100_000;
const MANY_LINES = 1_000_000;
const MANY_SOURCES = 100_000;
const ROUNDS = 5;
const DECODERS = 'combined, decoders (--format raw)';
const COMBINED = 'combined, its reader';
const JSON_LINES = 'nginx-json, its reader';

/**
 * Prints the CPU time for a line that OSSEC's decoders read, for a line that the reader of its format reads, and for a
 * line in JSON. Each time is given for the whole run, and without the start of the program and the loading of the
 * ruleset. Also prints the memory for a million lines from 100,000 sources. The logs are generated here. Each CPU time
 * is the minimum of five rounds.
 */
export async function replayBench({ ruleset, logtest }: ReplayBench): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'riposte-bench-'));
  try {
    const riposte = resolve('dist/riposte.js');
    const log = join(dir, 'access.log');
    const jsonLog = join(dir, 'access.json');
    const many = join(dir, 'many.log');
    makeLog(log, LINES, 2000);
    makeLog(jsonLog, LINES, 2000, plainJsonLine);
    makeLog(many, MANY_LINES, MANY_SOURCES);
    const stock = ruleset === undefined ? [] : ['--ruleset', ruleset];
    const replay = (file: string, options: string[]) =>
      `${quote(process.execPath)} ${quote(riposte)} replay ${[...options, file].map(quote).join(' ')}`;
    const kinds: Kind[] = [
      { name: DECODERS, log, command: (file) => replay(file, ['--format', 'raw']) },
      { name: COMBINED, log, command: (file) => replay(file, ['--format', 'combined']) },
      { name: JSON_LINES, log: jsonLog, command: (file) => replay(file, ['--format', 'nginx-json']) },
    ];
    if (ruleset !== undefined)
      kinds.push({ name: 'combined, stock ruleset', log, command: (file) => replay(file, stock) });
    if (logtest !== undefined)
      kinds.push({
        name: 'combined, ossec-logtest -q -a',
        log,
        command: (file) => `${quote(logtest)} -q -a < ${quote(file)}`,
      });
    const costs = await leastCosts(kinds);
    console.log(`\n${LINES.toLocaleString('en')} lines of a log: microseconds of CPU a line`);
    console.log(`  ${''.padEnd(36)}${'whole run'.padStart(12)}${'without start'.padStart(16)}`);
    for (const [name, { whole, start }] of costs) {
      const perLine = (seconds: number) => ((seconds / LINES) * 1e6).toFixed(2);
      console.log(`  ${name.padEnd(36)}${perLine(whole).padStart(12)}${perLine(whole - start).padStart(16)}`);
    }
    for (const [name, than, most] of [
      [COMBINED, DECODERS, 1],
      [JSON_LINES, COMBINED, 1.5],
    ] as const) {
      const ratio = perLineOf(costs, name) / perLineOf(costs, than);
      console.log(`  ${name}: ${ratio.toFixed(2)} × ${than}, without start; at the most ${most} ×`);
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

interface Kind {
  readonly name: string;
  readonly log: string;
  readonly command: (file: string) => string;
}

/** Seconds of CPU: of a whole run, and of a run that reads no line. */
interface Cost {
  readonly whole: number;
  readonly start: number;
}

/** Runs all kinds in each round, so that a machine that slows down slows all of them. */
async function leastCosts(kinds: readonly Kind[]): Promise<ReadonlyMap<string, Cost>> {
  const least = new Map<string, Cost>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, log, command } of kinds) {
      const { whole, start } = least.get(name) ?? { whole: Infinity, start: Infinity };
      least.set(name, {
        whole: Math.min(whole, await cpuOf(command(log))),
        start: Math.min(start, await cpuOf(command('/dev/null'))),
      });
    }
  }
  return least;
}

function perLineOf(costs: ReadonlyMap<string, Cost>, name: string): number {
  const { whole = Number.NaN, start = Number.NaN } = costs.get(name) ?? {};
  return (whole - start) / LINES;
}

/** CPU seconds of a command and its children, by bash's own `time`. */
async function cpuOf(command: string): Promise<number> {
  const { stderr } = await execa('bash', ['-c', `TIMEFORMAT='%U %S'; time { ${command} >/dev/null 2>&1; }`], {
    env: { LC_ALL: 'C' },
  });
  const [user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return user + system;
}

/** The peak memory of a replay. A preloaded module makes the process print it when the process ends. */
async function peakMegabytes(riposte: string, args: string[]): Promise<number> {
  const report = "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))";
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const { stderr } = await execa(process.execPath, ['--import', preload, riposte, 'replay', ...args]);
  return Math.round(Number(stderr.split('\n').at(-1)) / 1024);
}

/** Writes a log of plain traffic, the same each time. */
function makeLog(file: string, lines: number, sources: number, lineOf = plainLine): void {
  const out = openSync(file, 'w');
  for (let at = 0; at < lines; at += LINES) {
    let text = '';
    for (let i = at; i < at + LINES && i < lines; i++) text += lineOf(i, sources);
    writeSync(out, text);
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
