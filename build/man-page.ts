import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capitalised, usageOf } from '../cli/help.ts';
import type { Verb } from '../cli/verb.ts';
import { verbGroups } from '../cli/verbs/verbs.ts';

/** Writes the manual page, outdir/man/riposte.8, from the descriptions of the verbs. */
export async function writeManPage(outdir: string): Promise<string> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const file = join(outdir, 'man/riposte.8');
  await mkdir(join(outdir, 'man'), { recursive: true });
  await writeFile(file, manPage(await verbGroups(), version));
  return file;
}

type Verbs = Readonly<Record<string, Verb>>;

/** The manual page in the man macros of roff. @param groups the verbs by purpose, as in `riposte help` */
export function manPage(groups: Readonly<Record<string, Verbs>>, version: string): string {
  return `${[
    `.TH RIPOSTE 8 "" "Riposte ${roff(version)}" "System Administration"`,
    '.SH NAME',
    'riposte \\- active responses for OSSEC and Wazuh: block, unblock, look, try',
    '.SH SYNOPSIS',
    '.B riposte',
    '.I verb',
    '[options]',
    '.br',
    '.B riposte help',
    '.I verb',
    '.SH DESCRIPTION',
    'Riposte blocks attackers when OSSEC or Wazuh tells it to. This command shows, tests and undoes',
    'its work.',
    ...Object.entries(groups).flatMap(([group, verbs]) => [
      `.SH VERBS TO ${roff(group.toUpperCase())}`,
      ...Object.entries(verbs).flatMap(verbSection),
    ]),
    '.SH EXIT STATUS',
    ...EXIT_STATUS.flatMap(([code, text]) => term(code, text)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, text]) => term(name, text)),
    '.SH FILES',
    'Below the home of an installation, such as /var/ossec:',
    ...FILES.flatMap(([name, text]) => term(name, text)),
  ].join('\n')}\n`;
}

const EXIT_STATUS = [
  ['0', 'success'],
  [
    '1',
    'ledger and firewall disagree (status); a problem (doctor); a test line gave another result (ruletest)',
  ],
  ['64', 'wrong usage'],
  ['65', 'a wrong address or message; or an address that is never blocked, or is blocked by a prefix'],
  ['69', 'a program is missing or refused'],
  ['70', 'a defect in Riposte'],
  ['73', "an administrator's own route is in the way"],
  ['74', 'a file could not be read or written'],
  ['75', 'a time limit'],
  ['77', 'no permission'],
  ['78', 'wrong configuration'],
] as const;

const ENVIRONMENT = [
  ['RIPOSTE_HOME', 'the installation to work on, without --home'],
  [
    'RIPOSTE_DEBUG',
    'set to 1: each step, and the stack of an error, on standard error; --debug does the same',
  ],
  ['NO_COLOR', 'no colours when it is set'],
  ['SSH_CONNECTION', 'the address of your login, which is never blocked'],
] as const;

const FILES = [
  ['etc/riposte.conf', 'the settings; /etc/riposte.conf if it is missing'],
  ['etc/riposte.allow', 'addresses that Riposte never blocks, an address or prefix a line'],
  ['logs/active-responses.log', 'a line for each outcome, for the manager'],
  ['var/riposte/blocks/', 'the ledger: all blocks that should be in force'],
  ['var/riposte/ended/', 'blocks that are over'],
  ['var/riposte/events.jsonl', 'the journal: every outcome, for history and report'],
  ['var/riposte/metrics.json', 'the counts of journal and log for metrics'],
  ['var/riposte/installed.json', 'the files of riposte install'],
] as const;

function verbSection([name, verb]: [string, Verb]): string[] {
  const { summary, operands, options, notes, examples } = verb;
  const usage = [`\\fBriposte ${roff(name)}\\fR`, ...(operands === '' ? [] : [roff(operands)])].join(' ');
  return [
    `.SS ${usage}`,
    `${roff(capitalised(summary))}.`,
    ...Object.entries(options).flatMap((option) => term(usageOf(option), option[1].text)),
    ...(notes === undefined ? [] : ['.PP', roff(notes)]),
    ...examples.flatMap(([command, effect]) => ['.PP', '.EX', roff(command), '.EE', `${roff(effect)}.`]),
  ];
}

const term = (name: string, text: string): string[] => ['.TP', `.B ${roff(name)}`, roff(text)];

/** Escapes text for roff: no requests, and hyphens and quotes that can be copied. */
function roff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replaceAll('…', '...')
    .replace(
      /[^\n -~]/gu,
      (char) => `\\[u${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
  return escaped.replace(/^\./gm, '\\&.');
}
