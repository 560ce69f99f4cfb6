import { EX, RiposteError } from '../../active-response/errors.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { timeOf } from '../history/wanted.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { placesOf } from '../place.ts';
import { pageOf } from '../report/page.ts';
import { summarise } from '../report/summarise.ts';
import { reportText } from '../report/text.ts';
import { refuseSpecial, writePage } from '../report/write-page.ts';
import type { Verb } from '../verb.ts';

/** riposte report: what happened, with charts, for a terminal or as a page. */
export const report: Verb = {
  summary: 'show with charts who attacked, what was done, and who is blocked now',
  operands: '',
  options: {
    since: { value: 'TIME', text: 'from so long ago on (7d), or from a date (2026-11-20, 2026-11-20T09:00)' },
    html: { value: 'FILE', text: 'write it as a page that is one file and needs no network' },
    ...HOME_OPTION,
  },
  notes: `Made of the journal, rotated ones too, and of what is blocked now. An alert is what asked for a block: of a manager,
of riposte serve, or of a person. The page works in light and dark, and on a phone; who may read it is for its
file's mode (640) to say. What an attacker wrote is only ever shown as text.`,
  examples: [
    ['riposte report --since 7d', 'the last seven days, in the terminal'],
    ['riposte report --since 30d --html report.html', 'the last thirty days, as a page'],
  ],

  async run(given, io) {
    const [word] = given.rest;
    if (word !== undefined)
      throw new RiposteError(
        EX.USAGE,
        `riposte report takes no '${word}'; the page's name comes after --html`,
      );
    const since = given.value('since');
    const from = since === undefined ? undefined : timeOf(since, new Date());
    const file = given.value('html');
    if (file !== undefined) refuseSpecial(file);
    const home = homeOf(given, io);
    const summary = await summarise(home, placesOf(RESPONSES, home, io), from);
    if (file === undefined) {
      io.out(reportText(summary, io));
      return EX.OK;
    }
    const bytes = writePage(file, pageOf(summary));
    io.out(`${file}: ${Math.ceil(bytes / 1024)} KB, ${summary.alerts.toLocaleString('en')} alerts`);
    return EX.OK;
  },
};
