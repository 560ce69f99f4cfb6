import { loadAllSettings } from '../../active-response/settings/server-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { usePackOf } from '../../evaluate/rule-pack/chosen-pack.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { LEVEL_OPTION } from '../options/level.ts';
import { DRY_RUN_OPTION } from '../options/reason.ts';
import { warnOn } from '../options/ruleset.ts';
import { updateRules } from '../rule-pack/update.ts';
import { answeredRules } from '../rules/answered-rules.ts';
import { rulesText } from '../rules/text.ts';
import type { Verb } from '../verb.ts';

/** riposte rules: lists the rules that block their source, or puts the rules of a pack in force. */
export const rules: Verb = {
  summary: 'list the rules that block their source, with the times and the reasons; or update them',
  operands: '[update [FILE|URL]]',
  options: {
    json: { text: 'one JSON object per line: each rule; times are in seconds' },
    undo: { text: 'with update: restore the rules that were in force before the last update' },
    allow: { text: 'with update: take a pack that is not signed, or older than the rules in force' },
    yes: { text: 'with update: ask nothing' },
    'dry-run': DRY_RUN_OPTION,
    restart: { text: 'with update: restart the manager, so that it reads the new rules' },
    level: LEVEL_OPTION,
    root: { value: 'DIR', text: 'with update: the file system of another host' },
    ...HOME_OPTION,
  },
  notes: `SERVE is for riposte serve, scan and replay: the times at the first, second, … offence; one time alone means that the
rule is severe. riposte serve also answers your own rules of level 10 and higher (--level N);
117040 to 117076 count there with FORMAT=raw only, because the classes 117100 to 117105 replace them. MANAGER shows the command that riposte install writes into ossec.conf, and its time. The settings are those of riposte.conf.
riposte rules update FILE|URL takes a pack: rules, decoders and lists of attacks, CDNs and crawlers, which are newer than those of the program. It checks the signature, shows the changes, replays the last day of LOGS, and swaps; a running riposte serve reads the new rules by itself, a manager when it is restarted. Without FILE, it says which rules are in force.`,
  examples: [
    ['riposte rules', 'list all rules that block, with the present settings'],
    ['riposte rules --json', 'print the list for a program'],
    [
      'sudo riposte rules update --dry-run riposte-rules.json',
      'show the sources that only the new rules, or only the old rules, block',
    ],
    ['sudo riposte rules update --undo', 'restore the rules before the last update'],
  ],

  async run(given, io) {
    const [word, source, ...more] = given.rest;
    if ((word !== undefined && word !== 'update') || more.length > 0)
      throw new RiposteError(
        EX.USAGE,
        `riposte rules takes no '${more[0] ?? word}': it lists all rules, or updates them: riposte rules update FILE|URL`,
      );
    if (word === 'update') return updateRules(source, given, io);
    for (const flag of ['undo', 'allow', 'yes', 'dry-run', 'restart'])
      if (given.flag(flag))
        throw new RiposteError(EX.USAGE, `--${flag} is for riposte rules update FILE|URL`);
    const home = homeOf(given, io);
    usePackOf(home, warnOn(io));
    const settings = loadAllSettings(home.settings);
    const all = answeredRules(settings);
    if (given.flag('json')) for (const rule of all) io.out(JSON.stringify(rule));
    else io.out(rulesText(all, settings));
    return EX.OK;
  },
};
