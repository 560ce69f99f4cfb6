import { reconcileContext } from '../../active-response/reconcile-context.ts';
import type { Response, ResponseContext } from '../../active-response/request-context.ts';
import { firewallDrop } from '../../active-response/response/firewall-drop.ts';
import { routeNull } from '../../active-response/response/route-null.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that each response's backend can list its blocks. A response chooses its backend by the service's PATH. */
export const backends: Check = (examined) => [firewallDrop, routeNull].map((each) => judge(each, examined));

function judge(response: Response, examined: Examination): Judged {
  const context = contextIn(response, examined);
  try {
    const name = response.choose(context.settings, context.env);
    const { backendOf, executor, next } = reconcileContext(context);
    const sizeOf = (backend: string) => backendOf(backend).list(executor).size;
    const size = attempt(() => sizeOf(name));
    if (!(size instanceof RiposteError)) return ok(`${response.name} blocks by ${name}: ${size} blocked now`);
    const other = next?.(name, size.message);
    if (other === undefined) throw size;
    const seen = `${response.name} blocks by ${other}: ${sizeOf(other)} blocked now; ${size.message}`;
    return warning(seen, `FIREWALL_BACKEND=${other} in riposte.conf avoids a failed attempt at each block`);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    return problem(`${response.name} cannot block: ${error.message}`, fixFor(error.message));
  }
}

/** The context in which the service would run a response. */
export const contextIn = (response: Response, { home, settings, service }: Examination): ResponseContext => ({
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
  return 'make that program work, or set another FIREWALL_BACKEND in riposte.conf';
}
