import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa, execaSync } from 'execa';

/** The real tool's verdict on one line. */
export interface Verdict {
  decoder: string;
  rule: string;
  level: string;
  srcip: string;
}

/** Riposte's files in an installation. */
export type Ours = 'none' | 'without a proxy' | 'behind a proxy';

/**
 * A copy of the OSSEC installation in OSSEC_HOME, with or without Riposte's decoders and rules. The installation itself
 * is never changed. The tests need root, because the tool changes its root to the copy.
 */
export class OssecHome {
  readonly dir: string;
  readonly #logtest: string;

  constructor(home: string, logtest: string, { ours, localRules }: { ours: Ours; localRules?: string }) {
    this.#logtest = logtest;
    this.dir = mkdtempSync(join(tmpdir(), 'riposte-ossec-'));
    // `cp -a` keeps the files' owners: with other owners, the tool could not write its queue.
    execaSync('cp', ['-a', `${home}/.`, this.dir]);
    if (localRules) writeFileSync(join(this.dir, 'rules/local_rules.xml'), localRules);
    const conf = join(this.dir, 'etc/ossec.conf');
    const stock = readFileSync(conf, 'utf8').replace(/.*riposte.*\n/g, '');
    writeFileSync(
      conf,
      ours === 'none' ? stock : stock.replace('</rules>', `${ourRules(this.dir, ours)}</rules>`),
    );
  }

  /** Loads the configuration. @returns the warnings and errors of the tool */
  async check(): Promise<string> {
    const { all, exitCode } = await execa(this.#logtest, [...this.#where(), '-t'], {
      all: true,
      reject: false,
    });
    const complaints = all.split('\n').filter((line) => line && !/ INFO: /.test(line));
    return exitCode === 0 ? complaints.join('\n') : `exit ${exitCode}: ${all}`;
  }

  /** True if the tool says that the line gives the expected rule, level and decoder (its option -U). */
  async passes(line: string, expected: string): Promise<boolean> {
    const run = await execa(this.#logtest, [...this.#where(), '-q', '-U', expected], {
      input: line,
      reject: false,
    });
    return run.exitCode === 0;
  }

  /** The verdicts of one run of the tool. Each line is sent at its time, because the tool uses the current time. */
  async verdicts(steps: { at: number; line: string }[]): Promise<Verdict[]> {
    const { all } = await execa(this.#logtest, this.#where(), { stdin: inTime(steps), all: true });
    return all.split('**Phase 1:').slice(1).map(verdict);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }

  #where(): string[] {
    return ['-D', this.dir, '-c', join(this.dir, 'etc/ossec.conf')];
  }
}

async function* inTime(steps: { at: number; line: string }[]): AsyncGenerator<string> {
  const start = Date.now();
  for (const { at, line } of steps) {
    await setTimeout(Math.max(0, start + at * 1000 - Date.now()));
    yield `${line}\n`;
  }
}

/** Copies Riposte's files into the home, and returns the text for the <rules> section of ossec.conf. */
function ourRules(home: string, ours: Ours): string {
  for (const name of readdirSync('decoders')) cpSync(join('decoders', name), join(home, 'etc', name));
  for (const name of readdirSync('rules')) {
    if (name.endsWith('.xml')) cpSync(join('rules', name), join(home, 'rules', name));
  }
  const proxy = ours === 'behind a proxy' ? rulesSection('ossec.conf.d/behind_proxy.xml') : '';
  // The rules of `riposte install --all-4xx`, too, so that all of Riposte's rules are tested.
  const all4xx = '<include>riposte_web_bursts_any.xml</include>';
  return `${proxy}${rulesSection('ossec.conf.d/rules.xml')}${all4xx}`;
}

function rulesSection(file: string): string {
  const text = readFileSync(file, 'utf8').replace(/<!--.*?-->/gs, '');
  return /<rules>(.*)<\/rules>/s.exec(text)?.[1] ?? '';
}

function verdict(text: string): Verdict {
  const field = (name: RegExp) => name.exec(text)?.[1] ?? '-';
  return {
    decoder: field(/^ {7}decoder: '(.*)'$/m),
    rule: field(/^ {7}Rule id: '(\d+)'$/m),
    level: field(/^ {7}Level: '(\d+)'$/m),
    srcip: field(/^ {7}srcip: '(.*)'$/m),
  };
}
