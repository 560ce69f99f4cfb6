import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A journalctl for tests. It prints the lines of the file `entries` in its directory, and obeys --after-cursor,
 * --since, --until, --reverse and --follow like the real journalctl. While a file `complaint` exists, this journalctl
 * prints that file's text and fails.
 */
const PROGRAM = `
const fs = require('node:fs');
const path = require('node:path');
const at = (name) => path.join(__dirname, name);
const args = process.argv.slice(2);
fs.appendFileSync(at('calls'), JSON.stringify(args) + '\\n');
fs.appendFileSync(at('pids'), process.pid + '\\n');
if (fs.existsSync(at('complaint'))) {
  process.stderr.write(fs.readFileSync(at('complaint')));
  process.exit(1);
}
const valueOf = (name) => args.find((each) => each.startsWith('--' + name + '='))?.slice(name.length + 3);
const after = valueOf('after-cursor');
if (after !== undefined && !after.includes('=')) {
  process.stderr.write('Failed to seek to cursor: Invalid argument\\n');
  process.exit(1);
}
const micro = (text) => Math.round(Number(text.slice(1)) * 1e6);
const since = valueOf('since');
const until = valueOf('until');
const fits = (line) => {
  const entry = JSON.parse(line);
  const time = Number(entry.__REALTIME_TIMESTAMP);
  if (!args.includes('_SYSTEMD_UNIT=' + entry._SYSTEMD_UNIT)) return false;
  return (since === undefined || time >= micro(since)) && (until === undefined || time <= micro(until));
};
let size = 0;
let isBehind = after === undefined;
const print = () => {
  if (fs.statSync(at('entries')).size === size) return;
  const text = fs.readFileSync(at('entries'), 'latin1');
  const lines = text.slice(size).split('\\n').slice(0, -1);
  size = text.length;
  const cursorAt = isBehind ? -1 : lines.findIndex((line) => JSON.parse(line).__CURSOR === after);
  isBehind = true;
  const wanted = lines.slice(cursorAt + 1).filter(fits).slice(-Number(valueOf('lines') ?? 1e9));
  if (args.includes('--reverse')) wanted.reverse();
  for (const line of wanted) process.stdout.write(Buffer.from(line + '\\n', 'latin1'));
};
print();
if (args.includes('--follow')) setInterval(print, 20);
`;

/** A journal that the journalctl in this directory prints. */
export class StandInJournal {
  #count = 0;

  constructor(readonly directory: string) {
    const file = join(directory, 'journalctl');
    writeFileSync(file, `#!${process.execPath}\n${PROGRAM}`);
    chmodSync(file, 0o755);
    writeFileSync(join(directory, 'entries'), '');
  }

  /** Adds an entry a second after the last entry. @param fields further fields @returns its cursor */
  add(message: string, unit = 'web.service', fields: Readonly<Record<string, string>> = {}): string {
    const time = this.timeOf(this.#count);
    const cursor = `s=0a;i=${this.#count.toString(16)};t=${time.toString(16)};x=1`;
    this.#count++;
    const entry = {
      MESSAGE: message,
      _SYSTEMD_UNIT: unit,
      __CURSOR: cursor,
      __REALTIME_TIMESTAMP: `${time}`,
      ...fields,
    };
    appendFileSync(join(this.directory, 'entries'), `${JSON.stringify(entry)}\n`);
    return cursor;
  }

  /** Adds a systemctl that prints these properties for every unit. */
  addSystemctl(properties: string): void {
    const file = join(this.directory, 'systemctl');
    writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' '${properties}'\n`);
    chmodSync(file, 0o755);
  }

  /** The time at which an entry was written, in microseconds since 1970. */
  timeOf(index: number): number {
    return (Date.parse('2026-11-20T09:00:00Z') + index * 1000) * 1000;
  }

  forget(): void {
    writeFileSync(join(this.directory, 'entries'), '');
  }

  /** The arguments of each call. */
  get calls(): string[][] {
    return this.#lines('calls').map((line) => JSON.parse(line));
  }

  /** The process that was started last. */
  get pid(): number {
    return Number(this.#lines('pids').at(-1));
  }

  #lines(name: string): string[] {
    const file = join(this.directory, name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }
}

/** The message of a line that journalctl has printed. */
export const messageOf = ({ text }: { readonly text: string }): string => JSON.parse(text).MESSAGE;
