import { operatorContexts } from '../../active-response/operator/operator-context.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { usePackOf } from '../../evaluate/rule-pack/chosen-pack.ts';
import { timeOf } from '../../report/history/wanted.ts';
import { pageOf } from '../../report/page.ts';
import { summarise } from '../../report/summarise.ts';
import { reportText } from '../../report/text.ts';
import { refuseSpecial, writePage } from '../../report/write-page.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { warnOn } from '../options/ruleset.ts';
import type { Verb } from '../verb.ts';

/** riposte report: shows events with charts, in a terminal or as a page. */
export const report: Verb = {
  summary: 'show attackers, actions and current blocks, with charts',
  operands: '',
  options: {
    since: { value: 'TIME', text: 'events of the last 7d, or since a date (2026-11-20, 2026-11-20T09:00)' },
    html: { value: 'FILE', text: 'write a page that is one file and needs no network' },
    ...HOME_OPTION,
  },
  notes: `It reads the journal, rotated ones too, and the present blocks. An alert is a request for a block, from a manager, from riposte serve, or from an operator. The page works in light and dark, and on a phone; its file mode (640) decides who
may read it. It shows an attacker's text only as text.`,
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
    usePackOf(home, warnOn(io));
    const summary = await summarise(home, operatorContexts(RESPONSES, home, io), from);
    if (file === undefined) {
      io.out(reportText(summary, io));
      return EX.OK;
    }
    const bytes = writePage(file, pageOf(summary));
    io.out(`${file}: ${Math.ceil(bytes / 1024)} KB, ${summary.alerts.toLocaleString('en')} alerts`);
    return EX.OK;
  },
};
