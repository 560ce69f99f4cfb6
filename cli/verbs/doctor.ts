import { EX, RiposteError } from '../../active-response/errors.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { examine } from '../doctor/examination.ts';
import type { Finding } from '../doctor/finding.ts';
import { reachMailServers } from '../doctor/mail-servers.ts';
import { selfTest } from '../doctor/self-test/self-test.ts';
import { asJson, show, tally } from '../doctor/show.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import type { Io, Verb } from '../verb.ts';

/** The exit code when there is a problem: it could be looked at, so none of sysexits fits. */
const PROBLEMS = 1;

/** riposte doctor: why a response would not fire or not be seen, and what to do about it. */
export const doctor: Verb = {
  summary: 'tell why a response would not fire or not be seen, with the fix for each reason',
  operands: '',
  options: {
    ...HOME_OPTION,
    quiet: { alias: 'q', text: 'only what is wrong' },
    json: { text: 'one JSON document' },
    'skip-test': { text: 'without the self-test' },
  },
  notes:
    'It connects to the mail server, and sends nothing. The self-test has the installed scripts block and unblock 192.0.2.1 in a network namespace of its own; this\n' +
    'host’s firewall, ledger and logs are not touched. Exit status: 0 when there is no problem; 1 when there is one.\n' +
    'Warnings, of what works today but may surprise, leave it at 0. Nothing is ever changed.',
  examples: [
    ['sudo riposte doctor', 'looks at everything, and tests the responses'],
    ['riposte doctor --quiet', 'for cron, which mails what it is told: only what is wrong'],
  ],

  async run(given, io) {
    if (given.rest.length > 0) throw new RiposteError(EX.USAGE, `doctor takes no '${given.rest[0]}'`);
    const home = homeOf(given, io);
    const examined = examine(home, io.env);
    const isJson = given.flag('json');
    const tell = (findings: Finding[]) => {
      if (!isJson) say(findings, given.flag('quiet'), io);
      return findings;
    };
    const findings = tell(diagnose(examined));
    if (!given.flag('skip-test'))
      findings.push(...tell(await reachMailServers(examined)), ...tell(await selfTest(examined)));
    if (isJson) io.out(asJson(home.root, findings));
    else if (!given.flag('quiet')) io.out(tally(findings));
    return findings.some(({ state }) => state === 'problem') ? PROBLEMS : EX.OK;
  },
};

function say(findings: readonly Finding[], isQuiet: boolean, io: Io): void {
  for (const finding of findings) {
    if (!isQuiet || finding.state !== 'ok') io.out(show(finding, io));
  }
}
