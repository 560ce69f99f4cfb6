import type { Place, Response } from '../../../active-response/circumstances.ts';
import { RiposteError } from '../../../active-response/errors.ts';
import { settlingOf } from '../../../active-response/respond.ts';
import { firewallDrop } from '../../../active-response/response/firewall-drop.ts';
import { routeNull } from '../../../active-response/response/route-null.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** The backend that each response would choose, in the service's PATH, can list what it blocks. */
export const backends: Check = (examined) => [firewallDrop, routeNull].map((each) => judge(each, examined));

function judge(response: Response, examined: Examination): Judged {
  const place = placeIn(response, examined);
  try {
    const name = response.choose(place.settings, place.env);
    const { backendOf, executor } = settlingOf(place);
    const { size } = backendOf(name).list(executor);
    return ok(`${response.name} blocks by ${name}: ${size} there now`);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    return problem(`${response.name} cannot block: ${error.message}`, fixFor(error.message));
  }
}

/** Where a response runs when the service starts it. */
export const placeIn = (response: Response, { home, settings, service }: Examination): Place => ({
  response,
  home,
  settings,
  env: { PATH: service.path },
  dryRun: undefined,
});

function fixFor(message: string): string {
  const [, named] = /; (install \S+)/.exec(message) ?? [];
  if (named !== undefined) return `apt ${named}, or give the service a PATH with /usr/sbin`;
  if (/not permitted|denied/i.test(message)) return 'run riposte doctor as root';
  return 'make that program work, or set FIREWALL_BACKEND in riposte.conf to another';
}
