import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { faultsOfCandidate } from '../../doctor/candidate.ts';
import { diagnose, diagnoseSlowly } from '../../doctor/diagnose.ts';
import { examine } from '../../doctor/examination.ts';
import type { Finding } from '../../doctor/finding.ts';
import { geoDatabases } from '../../doctor/geo-databases.ts';
import { reachMailServers } from '../../doctor/mail-servers.ts';
import { reachLapi } from '../../doctor/reach-lapi.ts';
import { selfTest } from '../../doctor/self-test/self-test.ts';
import { asJson, show, tally } from '../../doctor/show.ts';
import { anonymous } from '../../doctor/support/anonymous.ts';
import { supportText } from '../../doctor/support/support-text.ts';
import { usePackOf } from '../../evaluate/rule-pack/chosen-pack.ts';
import type { Arguments } from '../arguments.ts';
import { asksYes } from '../ask.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { warnOn } from '../options/ruleset.ts';
import type { Verb } from '../verb.ts';

/** The exit code when there is a problem: the checks ran, so no code of sysexits fits. */
const PROBLEMS = 1;

/** riposte doctor: finds why a response would not fire or would not be seen, and says how to correct this. */
export const doctor: Verb = {
  summary: 'find why a response would not run, or no alert would show it, and how to fix it',
  operands: '',
  options: {
    ...HOME_OPTION,
    quiet: { alias: 'q', text: 'print problems only' },
    json: { text: 'print one JSON document' },
    'skip-test': { text: 'skip the self-test' },
    support: {
      value: 'FILE',
      text: 'show a text for a bug report, and ask before writing the text to this new file',
    },
    anonymous: { text: 'with --support: replace addresses, mail addresses and the name of this host' },
    yes: { text: 'with --support: write without asking' },
    candidate: {
      value: 'FILE',
      text: 'check this file alone, before it takes the place of a riposte.conf or riposte.allow',
    },
    as: { value: 'PATH', text: 'with --candidate: the path of the file that it would replace' },
  },
  notes:
    'It connects to the mail server and to CrowdSec, and sends nothing. The self-test makes the installed scripts block and unblock 192.0.2.1 in a network namespace of its own; it does not touch\n' +
    'this host’s firewall, ledger and logs. Exit status: 0 when there is no problem; 1 when there is one.\n' +
    'Warnings are about things that work today but may cause unexpected behaviour; with warnings alone, the exit status is 0. Doctor never changes anything.',
  examples: [
    ['sudo riposte doctor', 'check everything, and test the responses'],
    ['sudo riposte doctor --support report.txt --anonymous', 'a text for a bug report'],
    [
      'riposte doctor --candidate new.conf --as /etc/riposte.conf',
      'check new settings before they are in force',
    ],
    ['riposte doctor --quiet', 'for cron, which mails the output: print problems only'],
  ],

  async run(given, io) {
    if (given.rest.length > 0) throw new RiposteError(EX.USAGE, `doctor takes no '${given.rest[0]}'`);
    const [candidate, place] = [given.value('candidate'), given.value('as')];
    if (candidate !== undefined || place !== undefined) return checkCandidate(candidate, place, io);
    const home = homeOf(given, io);
    // The check of the privilege already tells users other than root that doctor cannot read everything.
    usePackOf(home, process.geteuid?.() === 0 ? warnOn(io) : () => {});
    const examined = examine(home, io.env);
    const isJson = given.flag('json');
    const support = given.value('support');
    if (support === undefined && (given.flag('anonymous') || given.flag('yes')))
      throw new RiposteError(EX.USAGE, '--anonymous and --yes need --support FILE');
    const shown = (findings: Finding[]) => {
      if (!isJson && support === undefined) say(findings, given.flag('quiet'), io);
      return findings;
    };
    const findings = shown(diagnose(examined));
    findings.push(...shown(await diagnoseSlowly('countries', examined, geoDatabases)));
    if (!given.flag('skip-test'))
      findings.push(
        ...shown(await diagnoseSlowly('mail server', examined, reachMailServers)),
        ...shown(await diagnoseSlowly('CrowdSec LAPI', examined, reachLapi)),
        ...shown(await diagnoseSlowly('self-test', examined, selfTest)),
      );
    if (support !== undefined) return writeSupport(support, supportText(examined, findings), given, io);
    if (isJson) io.out(asJson(home.root, findings));
    else if (!given.flag('quiet')) io.out(tally(findings));
    return findings.some(({ state }) => state === 'problem') ? PROBLEMS : EX.OK;
  },
};

/** @throws RiposteError (CONFIG) with all faults of the file, (USAGE) without both paths */
function checkCandidate(file: string | undefined, place: string | undefined, io: Io): ExitCode {
  if (file === undefined || place === undefined)
    throw new RiposteError(EX.USAGE, '--candidate FILE and --as PATH need each other');
  const faults = faultsOfCandidate(file, resolve(place));
  if (faults.length > 0) throw new RiposteError(EX.CONFIG, faults.join('\n  '));
  io.out(`${printable(file, 300)} is valid as ${printable(place, 300)}`);
  return EX.OK;
}

/** Shows the text before it is written, because it is meant for other people. @throws RiposteError (IOERR, NOPERM) */
async function writeSupport(file: string, text: string, given: Arguments, io: Io): Promise<ExitCode> {
  const shown = given.flag('anonymous') ? anonymous(text) : text;
  io.out(shown);
  if (!given.flag('yes') && !(await asksYes(`Write this to ${file}?`, io))) {
    io.err(`riposte: ${file} is not written: answer y on a terminal, or add --yes\n`);
    return EX.OK;
  }
  try {
    writeFileSync(file, shown, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw fileError('write', file, error);
  }
  io.out(`written to ${file}; only root can read it`);
  return EX.OK;
}

function say(findings: readonly Finding[], isQuiet: boolean, io: Io): void {
  for (const finding of findings) {
    if (!isQuiet || finding.state !== 'ok') io.out(show(finding, io));
  }
}
