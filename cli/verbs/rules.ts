import { loadAllSettings } from '../../active-response/settings/server-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { answeredRules } from '../rules/answered-rules.ts';
import { rulesText } from '../rules/text.ts';
import type { Verb } from '../verb.ts';

/** riposte rules: lists the rules that block their source: by which program, for how long, and why. */
export const rules: Verb = {
  summary: 'list the rules that block their source: by which program, for how long, and why',
  operands: '',
  options: {
    json: { text: 'one JSON object per line: each rule; times are in seconds' },
    ...HOME_OPTION,
  },
  notes: `SERVE is for riposte serve, scan and replay: the times at the first, second, … offence; one time alone means that the
rule is severe. riposte serve also answers your own rules of level 10 and higher (--level N);
117040 to 117076 count there with FORMAT=raw only, because the classes 117100 to 117105 replace them. MANAGER is what riposte install
writes into ossec.conf: the command, and its time. The settings are those of riposte.conf.`,
  examples: [
    ['riposte rules', 'list all rules that block, with the present settings'],
    ['riposte rules --json', 'print the list for a program'],
  ],

  async run(given, io) {
    if (given.rest.length > 0)
      throw new RiposteError(EX.USAGE, `riposte rules takes no '${given.rest[0]}': it lists all rules`);
    const settings = loadAllSettings(homeOf(given, io).settings);
    const all = answeredRules(settings);
    if (given.flag('json')) for (const rule of all) io.out(JSON.stringify(rule));
    else io.out(rulesText(all, settings));
    return EX.OK;
  },
};
